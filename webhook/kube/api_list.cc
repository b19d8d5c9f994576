// Lists and watches of ApiClient.

#include <algorithm>
#include <utility>

#include "base/json/reader.h"
#include "base/text.h"
#include "webhook/kube/api_client.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

constexpr json::Limits kPageLimits{
    .max_bytes = kMaxPageBytes, .max_depth = kObjectLimits.max_depth + 2, .max_values = 400'000};
// By this much fewer objects are asked for when a page is too large.
constexpr std::size_t kSmallerBy = 4;

Call CallOf(std::string_view verb, const Resource& resource, const Selection& selection) {
  return {.verb = verb, .resource = resource, .ns = selection.ns};
}

std::string SelectorQuery(const Selection& selection) {
  std::string query;
  if (!selection.labels.empty()) {
    query += "&labelSelector=" + EncodeQueryValue(selection.labels);
  }
  if (!selection.fields.empty()) {
    query += "&fieldSelector=" + EncodeQueryValue(selection.fields);
  }
  return query;
}

// A limit of ours: the page is too large for us.
bool IsTooLarge(const Error& error) {
  return error.code() == ErrorCode::kResourceExhausted && error.kind() == ErrorKind::kOther;
}

// Items of a list come without the members that are the same for all.
void CompleteItem(json::Value& item, const std::string& api_version, const std::string& kind) {
  json::Object* const members = item.AsObject();
  if (members == nullptr) return;
  if (item.Find("kind") == nullptr) members->emplace(members->begin(), "kind", kind);
  if (item.Find("apiVersion") == nullptr) {
    members->emplace(members->begin(), "apiVersion", api_version);
  }
}

}  // namespace

struct ApiClient::Page {
  json::Array items = {};
  std::string next = {};  // "" on the last page
  std::string resource_version = {};
};

Result<ListEnd> ApiClient::List(const Listable& resource, const Selection& selection,
                                ListReader& reader, Deadline deadline) {
  ListEnd end;
  std::string next;
  bool restarted = false;
  while (true) {
    auto page = GetPage(resource, selection, kPageObjects, next, deadline);
    if (!page && page.error().kind() == ErrorKind::kExpired && !next.empty() && !restarted) {
      restarted = true;
      next.clear();
      end.objects = 0;
      reader.OnRestart();
      continue;
    }
    if (!page) return std::unexpected(page.error());
    for (json::Value& item : page->items) {
      ++end.objects;
      XZGATE_RETURN_IF_ERROR(reader.OnObject(std::move(item)));
    }
    end.resource_version = std::move(page->resource_version);
    if (page->next.empty()) return end;
    next = std::move(page->next);
  }
}

Result<ApiClient::Page> ApiClient::GetPage(const Listable& resource, const Selection& selection,
                                           std::size_t limit, const std::string& next,
                                           Deadline deadline) {
  const Call call = CallOf("list", resource, selection);
  XZGATE_ASSIGN(std::string path, CollectionPath(resource, selection.ns));
  const std::string rest =
      SelectorQuery(selection) + (next.empty() ? "" : "&continue=" + EncodeQueryValue(next));
  while (true) {
    const Message message{.path = path, .query = "?limit=" + std::to_string(limit) + rest};
    auto text = CallForText(call, message, kMaxPageBytes, deadline);
    auto list = text ? json::Parse(*text, kPageLimits, "answer")
                     : Result<json::Value>(std::unexpected(text.error()));
    if (!list && IsTooLarge(list.error()) && limit > 1) {
      limit = std::max<std::size_t>(limit / kSmallerBy, 1);
      continue;
    }
    if (!list)
      return text ? Annotate(list.error(), call.ToString()) : std::unexpected(list.error());
    return ToPage(call, *list);
  }
}

Result<ApiClient::Page> ApiClient::ToPage(const Call& call, json::Value& list) {
  Page page{.next = MetadataText(list, "continue"), .resource_version = ResourceVersionOf(list)};
  const std::string kind = TextOr(list, "kind");
  if (!kind.ends_with("List") || page.resource_version.empty()) {
    return InvalidArgument(call.ToString() + ": the answer is no list but of kind " +
                           Quote(kind, 64));
  }
  const std::string item_kind = kind.substr(0, kind.size() - 4);
  for (auto& [key, value] : *list.AsObject()) {
    if (key == "items" && value.AsArray() != nullptr) page.items = std::move(*value.AsArray());
  }
  for (json::Value& item : page.items) {
    CompleteItem(item, call.resource.ApiVersion(), item_kind);
  }
  return page;
}

Result<std::unique_ptr<ChangeStream>> ApiClient::Watch(const Listable& resource,
                                                       const Selection& selection,
                                                       const WatchOptions& options) {
  const Call call = CallOf("watch", resource, selection);
  if (options.resource_version.empty()) {
    return InvalidArgument(call.ToString() + ": want the resource version of a list");
  }
  XZGATE_ASSIGN(std::string path, CollectionPath(resource, selection.ns));
  const Message message{.path = std::move(path),
                        .query = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" +
                                 std::to_string(options.timeout.count()) +
                                 "&resourceVersion=" + EncodeQueryValue(options.resource_version) +
                                 SelectorQuery(selection),
                        .cancelled = options.cancelled};
  for (bool renewed = false;; renewed = true) {
    const SecretString token = Token();
    auto response = Send(call, message, token,
                         Deadline::After(clock_.Now(), options.timeout + options_.watch_grace));
    if (response) {
      return std::make_unique<BodyChangeStream>(std::move(response->body), resource);
    }
    if (response.error().status != 401 || renewed || tokens_ == nullptr ||
        !tokens_->Renew(token.Reveal())) {
      return std::unexpected(std::move(response.error().error));
    }
  }
}

}  // namespace xzgate::kube
