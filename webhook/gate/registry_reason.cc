#include "webhook/gate/registry_reason.h"

namespace xzgate::gate {

std::string RegistryReasonCode(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kAddressRefused:
      return "RG006";
    case ErrorKind::kTls:
      return "RG007";
    case ErrorKind::kRateLimited:
      return "RG005";
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
    case ErrorCode::kInternal:
      return "RG001";
  }
  return "RG001";
}

rules::Cause RegistryCause(const Error& error) {
  return RegistryReasonCode(error) == "RG008" ? rules::Cause::kUnreadable
                                              : rules::Cause::kUnreachable;
}

}  // namespace xzgate::gate
