#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "webhook/kube/cluster.h"

namespace xzgate::kube {

// More names than anybody has; a pod's pull asks with each of them.
inline constexpr std::size_t kMaxPullSecrets = 64;

// What the gate needs of a ServiceAccount. A value.
struct ServiceAccount {
  ObjectName name;
  std::vector<std::string> image_pull_secrets;  // in order; names, of its own namespace
};

// Errors: kInvalidArgument for another kind of object; kResourceExhausted beyond kMaxPullSecrets.
Result<ServiceAccount> ToServiceAccount(const json::Value& object);

// Errors as Cluster::Get and ToServiceAccount.
Result<ServiceAccount> GetServiceAccount(Cluster& cluster, const ObjectName& name,
                                         Deadline deadline);

}  // namespace xzgate::kube
