#include "scanner/registry/reason.h"

#include <algorithm>
#include <array>
#include <utility>

namespace xzgate::registry {
namespace {

// Of docs/reasons.md.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWords = {{
    {"RG001", "unreachable"},
    {"RG002", "unauthenticated"},
    {"RG003", "forbidden"},
    {"RG004", "not found"},
    {"RG005", "limit"},
    {"RG006", "address refused"},
    {"RG007", "TLS"},
    {"RG008", "wrong bytes"},
    {"SY001", "internal"},
}};

}  // namespace

std::string_view ReasonCode(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kAddressRefused:
      return "RG006";
    case ErrorKind::kTls:
      return "RG007";
    case ErrorKind::kRateLimited:
      return "RG005";
    case ErrorKind::kExpired:
    case ErrorKind::kOther:
      break;
  }
  switch (error.code()) {
    case ErrorCode::kUnauthenticated:
      return "RG002";
    case ErrorCode::kPermissionDenied:
      return "RG003";
    case ErrorCode::kNotFound:
      return "RG004";
    case ErrorCode::kResourceExhausted:
      return "RG005";
    case ErrorCode::kIntegrity:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
      return "RG008";
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kUnavailable:
      return "RG001";
    case ErrorCode::kInternal:
    case ErrorCode::kAlreadyExists:  // no answer of a registry
    case ErrorCode::kConflict:
      return "SY001";
  }
  return "RG001";
}

std::string WithReason(const Error& error) {
  const std::string_view code = ReasonCode(error);
  const auto* word = std::ranges::find(kWords, code, [](const auto& each) { return each.first; });
  return error.message() + " [" + std::string(code) + " " + std::string(word->second) + "]";
}

}  // namespace xzgate::registry
