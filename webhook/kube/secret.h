#pragma once

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

#include "base/secret_string.h"
#include "webhook/kube/cluster.h"

namespace xzgate::kube {

// Kubernetes takes 1 MiB of data in a Secret (core/v1 MaxSecretSize).
inline constexpr std::size_t kMaxSecretData = 1024 * 1024;

inline constexpr char kTypeTls[] = "kubernetes.io/tls";
inline constexpr char kTypeDockerConfigJson[] = "kubernetes.io/dockerconfigjson";
inline constexpr char kTypeDockercfg[] = "kubernetes.io/dockercfg";

// A Secret. Printing one shows its name and how many entries it has, nothing else. Move-only;
// thread-compatible.
struct Secret {
  ObjectName name;
  std::string type = "Opaque";
  std::string resource_version = {};  // "" before it was created
  std::map<std::string, SecretString> data = {};
  // All of metadata as it was read, for Update. Not for logs: kubectl keeps copies of data there.
  json::Value metadata = {};

  // The entry of this key, "" when there is none; good as long as the Secret.
  std::string_view Reveal(std::string_view key) const;
};

std::ostream& operator<<(std::ostream& out, const Secret& secret);

// Errors: kInvalidArgument naming the key, never a value; kResourceExhausted.
Result<Secret> ToSecret(const json::Value& object);
// For Create and Update.
json::Value ToJson(const Secret& secret);

// The one way to read Secrets: one, by its name. Errors as Cluster::Get and ToSecret.
Result<Secret> GetSecret(Cluster& cluster, const ObjectName& name, Deadline deadline);
// Return it with its new resource version. Errors as Cluster::Create and Update.
Result<Secret> CreateSecret(Cluster& cluster, const Secret& secret, Deadline deadline);
Result<Secret> UpdateSecret(Cluster& cluster, const Secret& secret, Deadline deadline);

}  // namespace xzgate::kube
