#include "webhook/gate/registry_reason.h"

namespace xzgate::gate {

std::string RegistryReasonCode(const Error& error) {
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

}  // namespace xzgate::gate
