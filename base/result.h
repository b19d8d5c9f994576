#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace xzgate {

// What kind of failure an Error is. Callers branch on the code, never on the message.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,    // malformed input; the same input will fail again
  kNotFound,           // the thing named does not exist
  kUnauthenticated,    // no or wrong credentials
  kPermissionDenied,   // credentials are known and do not suffice, or our own guard refused
  kUnavailable,        // the peer cannot be reached or is failing; may work later
  kDeadlineExceeded,   // our time ran out
  kResourceExhausted,  // a limit of ours or a rate limit of theirs was reached
  kIntegrity,          // digest, size or signature does not match
  kUnsupported,        // a format or algorithm that we do not know
  kInternal,           // our own fault
  kAlreadyExists,      // what was to be created is there already
  kConflict,           // somebody else changed it since it was read
};

// The code in the spelling used in logs and metrics, such as "invalid_argument".
std::string_view ToString(ErrorCode code);

// What a failure is about where its code alone would send a person to the wrong place
// (docs/reasons.md: RG005 to RG007).
enum class ErrorKind : std::uint8_t {
  kOther,
  kAddressRefused,  // our address guard, not the peer, said no
  kTls,             // the peer's certificate or protocol; trying again changes nothing
  kRateLimited,     // the peer asked to be left alone for a while
  kExpired,         // what was asked to go on from is forgotten: begin anew
};

// A failure: a code for the program and a message for people. A value; thread-compatible.
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  ErrorKind kind() const { return kind_; }
  Error WithKind(ErrorKind kind) const;

  // The same failure seen from one floor higher: "context: message".
  Error WithContext(std::string_view context) const;

  // "code: message", for logs and tests.
  std::string ToString() const;

  bool operator==(const Error&) const = default;

 private:
  ErrorCode code_;
  ErrorKind kind_ = ErrorKind::kOther;
  std::string message_;
};

template <typename T>
using Result = std::expected<T, Error>;

// One maker for each code, for `return InvalidArgument("...")` in any function that returns a
// Result.
std::unexpected<Error> InvalidArgument(std::string message);
std::unexpected<Error> NotFound(std::string message);
std::unexpected<Error> Unauthenticated(std::string message);
std::unexpected<Error> PermissionDenied(std::string message);
std::unexpected<Error> Unavailable(std::string message);
std::unexpected<Error> DeadlineExceeded(std::string message);
std::unexpected<Error> ResourceExhausted(std::string message);
std::unexpected<Error> Integrity(std::string message);
std::unexpected<Error> Unsupported(std::string message);
std::unexpected<Error> Internal(std::string message);
std::unexpected<Error> AlreadyExists(std::string message);
std::unexpected<Error> Conflict(std::string message);

// Passes a failure up, with context added once for the floor that is crossed.
std::unexpected<Error> Annotate(const Error& error, std::string_view context);

// Evaluates `expr` (a Result) and returns its error from the enclosing function, else declares or
// assigns `lhs`.
#define XZGATE_TRY_CAT2(a, b) a##b
#define XZGATE_TRY_CAT(a, b) XZGATE_TRY_CAT2(a, b)
#define XZGATE_ASSIGN(lhs, expr) XZGATE_ASSIGN_IMPL(XZGATE_TRY_CAT(result_, __LINE__), lhs, expr)
#define XZGATE_ASSIGN_IMPL(tmp, lhs, expr)                  \
  auto tmp = (expr);                                        \
  if (!tmp) return std::unexpected(std::move(tmp).error()); \
  lhs = std::move(*tmp)

// Evaluates `expr` (a Result, mostly Result<void>) and returns its error from the enclosing
// function.
#define XZGATE_RETURN_IF_ERROR(expr)                                              \
  do {                                                                            \
    if (auto status_ = (expr); !status_) return std::unexpected(status_.error()); \
  } while (false)

}  // namespace xzgate
