#include "webhook/gate/registry_reason.h"

#include "scanner/registry/reason.h"

namespace xzgate::gate {

std::string RegistryReasonCode(const Error& error) {
  return std::string(registry::ReasonCode(error));
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
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return rules::Cause::kUnreachable;
  }
  return rules::Cause::kUnreachable;
}

}  // namespace xzgate::gate
