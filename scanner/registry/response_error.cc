#include "scanner/registry/response_error.h"

#include <vector>

#include "base/json/reader.h"
#include "base/text.h"

namespace xzgate::registry {
namespace {

constexpr json::Limits kLimits{
    .max_bytes = http::kMaxErrorBody, .max_depth = 16, .max_values = 1000};
constexpr std::size_t kMaxDescription = 300;
constexpr std::size_t kMaxErrors = 3;  // of a list, the first ones say enough

std::string TextOf(const json::Value& object, std::string_view key) {
  const json::Value* member = object.Find(key);
  const std::string* text = member == nullptr ? nullptr : member->AsString();
  return text == nullptr ? std::string() : Escape(*text, kMaxDescription);
}

struct Meaning {
  ErrorCode missing;  // 404, 410
  ErrorCode other_4xx;
};
constexpr Meaning kOfRegistry{ErrorCode::kNotFound, ErrorCode::kInvalidArgument};
constexpr Meaning kOfTokenServer{ErrorCode::kUnavailable, ErrorCode::kUnauthenticated};

ErrorCode CodeOf(int status, const Meaning& meaning) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
    case 410:
      return meaning.missing;
    case 406:
    case 415:
      return ErrorCode::kUnsupported;
    case 408:
    case 429:
      return ErrorCode::kUnavailable;
    default:
      return status >= 400 && status < 500 ? meaning.other_4xx : ErrorCode::kUnavailable;
  }
}

std::unexpected<Error> Make(http::Response& response, std::string_view where,
                            const Meaning& meaning) {
  const std::string said = DescribeErrorBody(http::ReadErrorBody(response));
  std::string message =
      std::string(where) + ": want status 200, found " + std::to_string(response.status);
  if (!said.empty()) message += " (" + said + ")";
  const Error error(CodeOf(response.status, meaning), std::move(message));
  return std::unexpected(
      error.WithKind(response.status == 429 ? ErrorKind::kRateLimited : ErrorKind::kOther));
}

}  // namespace

std::string DescribeErrorBody(std::string_view body) {
  const auto root = json::Parse(body, kLimits, "error body");
  if (!root) return {};
  const json::Value* errors = root->Find("errors");
  const json::Array* list = errors == nullptr ? nullptr : errors->AsArray();
  std::vector<std::string> parts;
  if (list != nullptr) {
    for (const json::Value& error : *list) {
      if (parts.size() == kMaxErrors) break;
      const std::string code = TextOf(error, "code");
      const std::string message = TextOf(error, "message");
      if (!code.empty() || !message.empty()) {
        parts.push_back(code + (code.empty() || message.empty() ? "" : ": ") + message);
      }
    }
  } else {
    // Token servers: OAuth 2's "error", or a lone "details" or "message".
    for (const std::string_view key : {"error", "error_description", "details", "message"}) {
      if (std::string text = TextOf(*root, key); !text.empty()) parts.push_back(std::move(text));
    }
  }
  return Truncate(Join(parts, "; "), kMaxDescription);
}

std::unexpected<Error> RegistryError(http::Response& response, std::string_view where) {
  return Make(response, where, kOfRegistry);
}

std::unexpected<Error> TokenError(http::Response& response, std::string_view where) {
  return Make(response, where, kOfTokenServer);
}

}  // namespace xzgate::registry
