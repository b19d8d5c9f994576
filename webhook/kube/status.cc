#include "webhook/kube/status.h"

#include <utility>

#include "base/json/reader.h"
#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

constexpr json::Limits kStatusLimits{
    .max_bytes = kMaxStatusBytes, .max_depth = 16, .max_values = 4'000};
constexpr std::int64_t kLongestRetrySeconds = 24 * 60 * 60;

ErrorCode CodeOf(int http_status, const Status& status, const Call& call) {
  switch (http_status) {
    case 400:
      return ErrorCode::kInvalidArgument;
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      // "the server could not find the requested resource" names no object.
      return status.name.empty() ? ErrorCode::kUnsupported : ErrorCode::kNotFound;
    case 409:
      return status.reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
    case 413:
    case 429:
      return ErrorCode::kResourceExhausted;
    case 422:
      // What validation refuses has causes; a test that failed is explained by nothing.
      return call.has_tests && status.name.empty() && !status.has_causes
                 ? ErrorCode::kConflict
                 : ErrorCode::kInvalidArgument;
    case 405:
    case 406:
    case 415:
      return ErrorCode::kUnsupported;
    default:
      return http_status >= 300 && http_status < 400 ? ErrorCode::kUnsupported
                                                     : ErrorCode::kUnavailable;
  }
}

ErrorKind KindOf(int http_status) {
  if (http_status == 410) return ErrorKind::kExpired;
  return http_status == 429 ? ErrorKind::kRateLimited : ErrorKind::kOther;
}

std::string NeededRule(const Call& call) {
  const bool somewhere = call.resource.is_namespaced() && !call.ns.empty();
  return "it needs an RBAC rule with verb " + Quote(call.verb) + " on resource " +
         Quote(call.resource.plural()) + " of API group " + Quote(call.resource.group()) +
         (somewhere ? " in namespace " + Quote(call.ns) : std::string(" of the whole cluster"));
}

std::string Explanation(int http_status, const Status& status, const Call& call) {
  std::string text = "status " + std::to_string(http_status);
  const ErrorCode code = CodeOf(http_status, status, call);
  if (http_status == 403) text += ", " + NeededRule(call);
  if (http_status == 404 && code == ErrorCode::kUnsupported) {
    text += ", the API server does not serve " + Quote(call.resource.ApiVersion()) + " " +
            Quote(call.resource.plural());
  }
  if (http_status >= 300 && http_status < 400) text += ", a redirect, which is never followed";
  if (code == ErrorCode::kConflict && http_status == 422) text += ", a test of the patch failed";
  // A value that was refused stands in the message: of a Secret it is data.
  if (call.resource.is_secret() && (http_status == 400 || http_status == 422)) {
    return text + (status.reason.empty() ? "" : " (" + Escape(status.reason, 64) + ")");
  }
  if (!status.message.empty()) text += ": " + EscapeOnce(status.message, kMaxQuotedStatus);
  return text;
}

}  // namespace

std::string Call::ToString() const {
  std::string text = std::string(verb) + " " + resource.ToString();
  if (!name.empty()) text += " " + Quote(name);
  if (!ns.empty()) text += " in namespace " + Quote(ns);
  return text;
}

Status ParseStatus(std::string_view body) {
  const auto parsed = json::Parse(body, kStatusLimits, "Status");
  if (!parsed || TextOr(*parsed, "kind") != "Status") {
    return {.message = std::string(Trim(body.substr(0, kMaxQuotedStatus)))};
  }
  Status status{.reason = TextOr(*parsed, "reason"),
                .message = TextOr(*parsed, "message"),
                .has_status = true};
  if (const json::Value* code = parsed->Find("code")) {
    const auto number = code->AsInt().value_or(0);
    if (number >= 100 && number <= 599) status.code = static_cast<int>(number);
  }
  const json::Value* details = parsed->Find("details");
  if (details == nullptr) return status;
  status.name = TextOr(*details, "name");
  if (const json::Value* causes = details->Find("causes")) {
    status.has_causes = causes->AsArray() != nullptr && !causes->AsArray()->empty();
  }
  if (const json::Value* after = details->Find("retryAfterSeconds")) {
    const auto seconds = after->AsInt().value_or(0);
    if (seconds > 0 && seconds <= kLongestRetrySeconds) {
      status.retry_after = std::chrono::seconds(seconds);
    }
  }
  return status;
}

Error ToError(int http_status, const Status& status, const Call& call) {
  return Error(CodeOf(http_status, status, call),
               call.ToString() + ": " + Explanation(http_status, status, call))
      .WithKind(KindOf(http_status));
}

}  // namespace xzgate::kube
