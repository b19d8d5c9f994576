#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/kube/cluster.h"

namespace xzgate::kube {

// One webhook of a configuration. A value.
struct ConfiguredWebhook {
  std::string name;
  std::string ca_bundle;       // PEM, "" when there is none
  std::string failure_policy;  // "Fail" or "Ignore"
  // Rules, selectors, match conditions and match policy, in one text that is equal when they are.
  std::string scope;

  bool operator==(const ConfiguredWebhook&) const = default;
};

// What the gate looks at of a Validating- or MutatingWebhookConfiguration. A value.
struct WebhookConfiguration {
  std::string name;
  std::string resource_version;
  std::int64_t generation = 0;
  std::vector<ConfiguredWebhook> webhooks;
};

// Of either kind. Errors: kInvalidArgument for another kind or a damaged object.
Result<WebhookConfiguration> ToWebhookConfiguration(const json::Value& object);

// `resource` is ValidatingWebhookConfigurations() or MutatingWebhookConfigurations(). Errors as
// Cluster::Get and ToWebhookConfiguration.
Result<WebhookConfiguration> GetWebhookConfiguration(Cluster& cluster, const Listable& resource,
                                                     const std::string& name, Deadline deadline);

// Sets `ca_bundle` on every webhook that has another, and touches nothing else; tests that each
// still has its place, so that it cannot reach another webhook. Empty when all have it.
JsonPatch CaBundlePatch(const WebhookConfiguration& configuration, std::string_view ca_bundle);

}  // namespace xzgate::kube
