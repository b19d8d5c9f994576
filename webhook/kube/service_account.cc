#include "webhook/kube/service_account.h"

#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {

Result<ServiceAccount> ToServiceAccount(const json::Value& object) {
  if (TextOr(object, "kind") != "ServiceAccount") {
    return InvalidArgument("want an object of kind \"ServiceAccount\", found " +
                           Quote(TextOr(object, "kind"), 64));
  }
  ServiceAccount account{.name = NameOf(object), .image_pull_secrets = {}};
  const std::string where = "ServiceAccount " + Quote(account.name.name);
  XZGATE_ASSIGN(const json::Array* secrets,
                json::GetArrayOrEmpty(object, "imagePullSecrets", where));
  if (secrets->size() > kMaxPullSecrets) {
    return ResourceExhausted(where + ": more than " + std::to_string(kMaxPullSecrets) +
                             " imagePullSecrets");
  }
  for (const json::Value& reference : *secrets) {
    // The API takes references without a name; they name nothing.
    std::string name = TextOr(reference, "name");
    if (!name.empty()) account.image_pull_secrets.push_back(std::move(name));
  }
  return account;
}

Result<ServiceAccount> GetServiceAccount(Cluster& cluster, const ObjectName& name,
                                         Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Get(ServiceAccounts(), name, deadline));
  return ToServiceAccount(object);
}

}  // namespace xzgate::kube
