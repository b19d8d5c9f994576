#include "base/result.h"

namespace xzgate {

std::string_view ToString(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case ErrorCode::kResourceExhausted:
      return "resource_exhausted";
    case ErrorCode::kIntegrity:
      return "integrity";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kConflict:
      return "conflict";
  }
  return "internal";
}

Error Error::WithContext(std::string_view context) const {
  return Error(code_, std::string(context) + ": " + message_).WithKind(kind_);
}

Error Error::WithKind(ErrorKind kind) const {
  Error copy = *this;
  copy.kind_ = kind;
  return copy;
}

std::string Error::ToString() const {
  return std::string(xzgate::ToString(code_)) + ": " + message_;
}

namespace {

std::unexpected<Error> Make(ErrorCode code, std::string message) {
  return std::unexpected(Error(code, std::move(message)));
}

}  // namespace

std::unexpected<Error> InvalidArgument(std::string message) {
  return Make(ErrorCode::kInvalidArgument, std::move(message));
}
std::unexpected<Error> NotFound(std::string message) {
  return Make(ErrorCode::kNotFound, std::move(message));
}
std::unexpected<Error> Unauthenticated(std::string message) {
  return Make(ErrorCode::kUnauthenticated, std::move(message));
}
std::unexpected<Error> PermissionDenied(std::string message) {
  return Make(ErrorCode::kPermissionDenied, std::move(message));
}
std::unexpected<Error> Unavailable(std::string message) {
  return Make(ErrorCode::kUnavailable, std::move(message));
}
std::unexpected<Error> DeadlineExceeded(std::string message) {
  return Make(ErrorCode::kDeadlineExceeded, std::move(message));
}
std::unexpected<Error> ResourceExhausted(std::string message) {
  return Make(ErrorCode::kResourceExhausted, std::move(message));
}
std::unexpected<Error> Integrity(std::string message) {
  return Make(ErrorCode::kIntegrity, std::move(message));
}
std::unexpected<Error> Unsupported(std::string message) {
  return Make(ErrorCode::kUnsupported, std::move(message));
}
std::unexpected<Error> Internal(std::string message) {
  return Make(ErrorCode::kInternal, std::move(message));
}
std::unexpected<Error> AlreadyExists(std::string message) {
  return Make(ErrorCode::kAlreadyExists, std::move(message));
}
std::unexpected<Error> Conflict(std::string message) {
  return Make(ErrorCode::kConflict, std::move(message));
}

std::unexpected<Error> Annotate(const Error& error, std::string_view context) {
  return std::unexpected(error.WithContext(context));
}

}  // namespace xzgate
