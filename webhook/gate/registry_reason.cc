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
      return "RG001";
    case ErrorCode::kInternal:
      return "SY001";
  }
  return "RG001";
}

rules::Cause RegistryCause(const Error& error) {
  if (error.kind() != ErrorKind::kOther) return rules::Cause::kUnreachable;
  switch (error.code()) {
    case ErrorCode::kIntegrity:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    case ErrorCode::kResourceExhausted:
      return rules::Cause::kUnreadable;
    case ErrorCode::kInternal:
      return rules::Cause::kPending;
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kNotFound:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kUnavailable:
      return rules::Cause::kUnreachable;
  }
  return rules::Cause::kUnreachable;
}

}  // namespace xzgate::gate
