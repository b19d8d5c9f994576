#include "webhook/kube/api_client.h"

#include <utility>

#include "base/http/retry_after.h"
#include "base/json/reader.h"
#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kJsonPatch = "application/json-patch+json";
constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";  // JSON is YAML

std::string ManagerQuery() {
  return "?fieldManager=" + std::string(kFieldManager);
}

bool MayRetry(http::Method method, int status, const Error& error) {
  if (status == 429) return true;  // it was not even looked at
  if (!http::IsReading(method) || error.kind() == ErrorKind::kTls) return false;
  return error.code() == ErrorCode::kUnavailable && error.kind() != ErrorKind::kExpired;
}

// What the API server sent, as the object that we asked for.
Result<json::Value> ParseObject(const Call& call, std::string_view text) {
  auto object = json::Parse(text, kObjectLimits, "answer");
  if (!object) return Annotate(object.error(), call.ToString());
  if (object->AsObject() != nullptr) return object;
  return InvalidArgument(call.ToString() + ": the answer is no object but " +
                         std::string(object->TypeName()));
}

// A call that is about the object itself, named by its metadata.
Call CallOf(std::string_view verb, const Resource& resource, const ObjectName& name) {
  return {.verb = verb, .resource = resource, .ns = name.ns, .name = name.name};
}

}  // namespace

ApiClient::ApiClient(http::Transport& transport, http::Url server, TokenSource* tokens,
                     const Clock& clock, http::Sleeper& sleeper, std::function<double()> random,
                     ApiOptions options)
    : transport_(transport),
      server_(std::move(server)),
      tokens_(tokens),
      clock_(clock),
      sleeper_(sleeper),
      random_(std::move(random)),
      options_(options),
      server_clock_(clock) {}

Result<json::Value> ApiClient::Get(const Resource& resource, const ObjectName& name,
                                   Deadline deadline) {
  XZGATE_ASSIGN(std::string path, ObjectPath(resource, name));
  return CallFor(CallOf("get", resource, name), {.path = std::move(path)}, deadline);
}

Result<json::Value> ApiClient::Create(const Resource& resource, const json::Value& object,
                                      Deadline deadline) {
  const ObjectName name = NameOf(object);
  if (resource.is_namespaced() && name.ns.empty()) {
    return InvalidArgument("create " + resource.ToString() + ": want metadata.namespace");
  }
  XZGATE_ASSIGN(std::string path, CollectionPath(resource, name.ns));
  return CallFor(CallOf("create", resource, name),
                 {.method = http::Method::kPost,
                  .path = std::move(path),
                  .query = ManagerQuery(),
                  .content_type = kJson,
                  .body = json::Encode(object)},
                 deadline);
}

Result<json::Value> ApiClient::Update(const Resource& resource, const json::Value& object,
                                      Deadline deadline) {
  const ObjectName name = NameOf(object);
  const Call call = CallOf("update", resource, name);
  if (ResourceVersionOf(object).empty()) {
    return InvalidArgument(call.ToString() + ": want metadata.resourceVersion, as it was read");
  }
  XZGATE_ASSIGN(std::string path, ObjectPath(resource, name));
  return CallFor(call,
                 {.method = http::Method::kPut,
                  .path = std::move(path),
                  .query = ManagerQuery(),
                  .content_type = kJson,
                  .body = json::Encode(object)},
                 deadline);
}

Result<json::Value> ApiClient::Apply(const Resource& resource, const json::Value& object,
                                     Force force, Deadline deadline) {
  const ObjectName name = NameOf(object);
  XZGATE_ASSIGN(std::string path, ObjectPath(resource, name));
  return CallFor(CallOf("patch", resource, name),
                 {.method = http::Method::kPatch,
                  .path = std::move(path),
                  .query = ManagerQuery() + (force == Force::kYes ? "&force=true" : ""),
                  .content_type = kApplyPatch,
                  .body = json::Encode(object)},
                 deadline);
}

Result<json::Value> ApiClient::Patch(const Resource& resource, const ObjectName& name,
                                     const JsonPatch& patch, Deadline deadline) {
  XZGATE_ASSIGN(std::string path, ObjectPath(resource, name));
  Call call = CallOf("patch", resource, name);
  call.has_tests = patch.has_tests();
  return CallFor(call,
                 {.method = http::Method::kPatch,
                  .path = std::move(path),
                  .query = ManagerQuery(),
                  .content_type = kJsonPatch,
                  .body = patch.Encode()},
                 deadline);
}

Result<void> ApiClient::Delete(const Resource& resource, const ObjectName& name,
                               const std::string& resource_version, Deadline deadline) {
  XZGATE_ASSIGN(std::string path, ObjectPath(resource, name));
  json::Object options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!resource_version.empty()) {
    options.emplace_back("preconditions",
                         json::Object{{"resourceVersion", std::string_view(resource_version)}});
  }
  XZGATE_RETURN_IF_ERROR(CallFor(CallOf("delete", resource, name),
                                 {.method = http::Method::kDelete,
                                  .path = std::move(path),
                                  .content_type = kJson,
                                  .body = json::Encode(std::move(options))},
                                 deadline));
  return {};
}

Result<json::Value> ApiClient::CallFor(const Call& call, const Message& message,
                                       Deadline deadline) {
  XZGATE_ASSIGN(std::string text, CallForText(call, message, kMaxObjectBytes, deadline));
  const SecretString owner(std::move(text));  // it may be a Secret
  return ParseObject(call, owner.Reveal());
}

Result<std::string> ApiClient::CallForText(const Call& call, const Message& message,
                                           std::size_t max_bytes, Deadline deadline) {
  Attempts attempts(options_.retry, clock_, sleeper_, random_, deadline);
  bool renewed = false;
  while (true) {
    const SecretString token = Token();
    const Deadline latest = deadline.Min(Deadline::After(clock_.Now(), options_.call_timeout));
    auto response = Send(call, message, token, latest);
    Refusal refusal{.error = Error(ErrorCode::kUnavailable, "")};
    if (response) {
      auto text = http::ReadBody(*response, max_bytes);
      if (text) return text;
      refusal.error = text.error().WithContext(call.ToString());
    } else {
      refusal = std::move(response.error());
    }
    if (refusal.status == 401 && !renewed && tokens_ != nullptr && tokens_->Renew(token.Reveal())) {
      renewed = true;
      continue;
    }
    if (!MayRetry(message.method, refusal.status, refusal.error) ||
        !attempts.WaitForNext(refusal.retry_after)) {
      return std::unexpected(std::move(refusal.error));
    }
  }
}

std::expected<http::Response, ApiClient::Refusal> ApiClient::Send(const Call& call,
                                                                  const Message& message,
                                                                  const SecretString& token,
                                                                  Deadline deadline) {
  std::string base = server_.ToString();
  if (base.ends_with('/')) base.pop_back();
  auto url = http::Url::Parse(base + message.path + message.query);
  if (!url) return std::unexpected(Refusal{.error = url.error().WithContext(call.ToString())});
  http::Request request{.method = message.method,
                        .url = std::move(*url),
                        .headers = {{"Accept", std::string(kJson)}},
                        .body = message.body,
                        .reach = http::Reach::kAnywhere,
                        .deadline = deadline,
                        .cancelled = message.cancelled};
  if (!token.empty()) request.headers.Add("Authorization", "Bearer " + std::string(token.Reveal()));
  if (!message.content_type.empty()) {
    request.headers.Add("Content-Type", std::string(message.content_type));
  }
  auto response = transport_.Send(request);
  if (!response) {
    return std::unexpected(Refusal{.error = response.error().WithContext(call.ToString())});
  }
  if (const auto date = response->headers.Find("Date")) server_clock_.Note(*date);
  if (response->status >= 200 && response->status < 300) return std::move(*response);
  return std::unexpected(Refused(call, *response));
}

ApiClient::Refusal ApiClient::Refused(const Call& call, http::Response& response) const {
  // A refusal without its words is still one.
  const Status status = ParseStatus(http::ReadBody(response, kMaxStatusBytes).value_or(""));
  Refusal refusal{.error = ToError(response.status, status, call), .status = response.status};
  if (const auto header = response.headers.Find("Retry-After")) {
    refusal.retry_after = http::ParseRetryAfter(*header, clock_.WallNow());
  }
  if (!refusal.retry_after && status.retry_after) refusal.retry_after = *status.retry_after;
  if (response.status == 401 && tokens_ != nullptr) {
    if (const auto trouble = tokens_->trouble()) {
      refusal.error = Error(ErrorCode::kUnauthenticated,
                            refusal.error.message() + "; no newer token: " + *trouble);
    }
  }
  return refusal;
}

}  // namespace xzgate::kube
