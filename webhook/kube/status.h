#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "webhook/kube/resource.h"

namespace xzgate::kube {

// A refusal is a Status of a few hundred bytes; one with many causes has a few thousand.
inline constexpr std::size_t kMaxStatusBytes = 64 * 1024;
// How much of the API server's own words a message of ours quotes.
inline constexpr std::size_t kMaxQuotedStatus = 512;

// What the API server says of a call that failed (meta/v1 Status). A value.
struct Status {
  int code = 0;              // in the body; of a watch it is the only one
  std::string reason = {};   // "AlreadyExists", "" when the answer was no Status
  std::string message = {};  // for people, not bounded or escaped yet
  std::string name = {};     // of the object it is about
  bool has_causes = false;
  bool has_status = false;  // the answer was a Status
  std::optional<std::chrono::seconds> retry_after = {};
};

// Reads a body of at most kMaxStatusBytes; what is no Status becomes its message. Never fails.
Status ParseStatus(std::string_view body);

// What was asked of the API server, for messages. Borrows.
struct Call {
  std::string_view verb;  // RBAC's: "get", "create", "update", "patch", "delete", "list", "watch"
  const Resource& resource;
  std::string_view ns = {};
  std::string_view name = {};
  bool has_tests = false;  // a patch with `test` operations

  std::string ToString() const;  // get secrets "pull" in namespace "shop"
};

// The error of an answer that is no success: 400, 422 kInvalidArgument; 401 kUnauthenticated; 403
// kPermissionDenied, with the RBAC rule that is needed; 404 kNotFound for an object, kUnsupported
// for an API that this server does not have; 409 kAlreadyExists or kConflict, kConflict also for a
// failed test of a patch; 410 kUnavailable of ErrorKind::kExpired; 413 kResourceExhausted; 429
// kResourceExhausted of kRateLimited; 405, 406, 415 and redirects kUnsupported; else kUnavailable.
// The API server's words are quoted up to kMaxQuotedStatus, of Secrets only where they hold no
// data.
Error ToError(int http_status, const Status& status, const Call& call);

}  // namespace xzgate::kube
