#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::kube {

// Names of objects are DNS subdomains (RFC 1123): the longest of Kubernetes' names.
inline constexpr std::size_t kMaxNameBytes = 253;

// A kind of object, by where the API server serves it. A value; thread-compatible.
class Resource {
 public:
  enum class Scope : unsigned char { kNamespaced, kCluster };

  const std::string& group() const { return group_; }  // "" is the core group
  const std::string& version() const { return version_; }
  const std::string& plural() const { return plural_; }
  bool is_namespaced() const { return scope_ == Scope::kNamespaced; }
  // Whether answers and refusals may hold what nobody may read in a log.
  bool is_secret() const { return group_.empty() && plural_ == "secrets"; }
  std::string ApiVersion() const;  // "v1", "apps/v1"
  std::string ToString() const;    // "pods", "deployments.apps": kubectl's form

  bool operator==(const Resource&) const = default;

 protected:
  Resource(std::string group, std::string version, std::string plural, Scope scope);

 private:
  friend const Resource& Secrets();
  std::string group_;
  std::string version_;
  std::string plural_;
  Scope scope_;
};

// A kind of object that may be listed and watched: any but Secrets, of which we read one at a time
// and by name. The compiler refuses to list another Resource. A value; thread-compatible.
class Listable : public Resource {
 public:
  // For kinds that a person configured. Errors: kInvalidArgument for what is no group, version or
  // plural (a subresource), and for Secrets.
  static Result<Listable> Create(std::string group, std::string version, std::string plural,
                                 Scope scope);

 private:
  friend struct KnownResources;
  using Resource::Resource;
};

const Resource& Secrets();
const Listable& ServiceAccounts();
const Listable& ConfigMaps();
const Listable& Events();  // of the core group
const Listable& Leases();
const Listable& Pods();
const Listable& ReplicationControllers();
const Listable& PodTemplates();
const Listable& Deployments();
const Listable& ReplicaSets();
const Listable& StatefulSets();
const Listable& DaemonSets();
const Listable& Jobs();
const Listable& CronJobs();
const Listable& ValidatingWebhookConfigurations();
const Listable& MutatingWebhookConfigurations();

// Which object of a resource. A value.
struct ObjectName {
  std::string ns = {};  // namespace; "" for resources of the cluster
  std::string name = {};
  auto operator<=>(const ObjectName&) const = default;
};

// Where an object, or a namespace's objects of a resource (all when `ns` is empty), are served.
// Names come from pods: what is no name never becomes part of a path.
// Errors: kInvalidArgument for no name, or a namespace too many or too few.
Result<std::string> ObjectPath(const Resource& resource, const ObjectName& name);
Result<std::string> CollectionPath(const Resource& resource, std::string_view ns);

// Whether `text` can be an object's name (RFC 1123 subdomain), or a namespace's (RFC 1123 label).
bool IsObjectName(std::string_view text);
bool IsNamespaceName(std::string_view text);

// All but RFC 3986's unreserved characters as %XX, for one value of a query.
std::string EncodeQueryValue(std::string_view text);

}  // namespace xzgate::kube
