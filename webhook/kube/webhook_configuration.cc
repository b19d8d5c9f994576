#include "webhook/kube/webhook_configuration.h"

#include <utility>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

constexpr std::string_view kScopeMembers[] = {"rules", "namespaceSelector", "objectSelector",
                                              "matchConditions", "matchPolicy"};

Result<ConfiguredWebhook> ReadWebhook(const json::Value& webhook, const std::string& where) {
  ConfiguredWebhook read;
  XZGATE_ASSIGN(read.name, json::GetString(webhook, "name", where));
  read.failure_policy = TextOr(webhook, "failurePolicy");
  if (const json::Value* client = webhook.Find("clientConfig")) {
    auto decoded = crypto::Base64Decode(TextOr(*client, "caBundle"));
    if (!decoded) {
      return InvalidArgument(where + ": webhook " + Quote(read.name) + ": caBundle: want base64");
    }
    read.ca_bundle = std::move(*decoded);
  }
  json::Object scope;
  for (const std::string_view member : kScopeMembers) {
    const json::Value* found = webhook.Find(member);
    if (found != nullptr && !found->is_null()) scope.emplace_back(std::string(member), *found);
  }
  read.scope = CanonicalText(json::Value(std::move(scope)));
  return read;
}

}  // namespace

Result<WebhookConfiguration> ToWebhookConfiguration(const json::Value& object) {
  const std::string kind = TextOr(object, "kind");
  WebhookConfiguration read{.name = NameOf(object).name,
                            .resource_version = ResourceVersionOf(object),
                            .generation = 0,
                            .webhooks = {}};
  if ((kind != "ValidatingWebhookConfiguration" && kind != "MutatingWebhookConfiguration") ||
      read.name.empty()) {
    return InvalidArgument("want a webhook configuration, found kind " + Quote(kind, 64));
  }
  const std::string where = kind + " " + Quote(read.name);
  if (const json::Value* generation = object.Find("metadata")->Find("generation")) {
    read.generation = generation->AsInt().value_or(0);
  }
  XZGATE_ASSIGN(const json::Array* webhooks, json::GetArrayOrEmpty(object, "webhooks", where));
  for (const json::Value& webhook : *webhooks) {
    XZGATE_ASSIGN(ConfiguredWebhook one, ReadWebhook(webhook, where));
    read.webhooks.push_back(std::move(one));
  }
  return read;
}

Result<WebhookConfiguration> GetWebhookConfiguration(Cluster& cluster, const Listable& resource,
                                                     const std::string& name, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Get(resource, {.name = name}, deadline));
  return ToWebhookConfiguration(object);
}

JsonPatch CaBundlePatch(const WebhookConfiguration& configuration, std::string_view ca_bundle) {
  JsonPatch patch;
  for (std::size_t i = 0; i < configuration.webhooks.size(); ++i) {
    const ConfiguredWebhook& webhook = configuration.webhooks[i];
    if (webhook.ca_bundle == ca_bundle) continue;
    const std::string index = std::to_string(i);
    patch.Test({"webhooks", index, "name"}, std::string_view(webhook.name));
    patch.Add({"webhooks", index, "clientConfig", "caBundle"},
              crypto::Base64Encode(AsBytes(ca_bundle)));
  }
  return patch;
}

}  // namespace xzgate::kube
