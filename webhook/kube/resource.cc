#include "webhook/kube/resource.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace xzgate::kube {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;  // RFC 1123

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsLabel(std::string_view text, std::size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes && IsLowerOrDigit(text.front()) &&
         IsLowerOrDigit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

}  // namespace

Resource::Resource(std::string group, std::string version, std::string plural, Scope scope)
    : group_(std::move(group)),
      version_(std::move(version)),
      plural_(std::move(plural)),
      scope_(scope) {}

std::string Resource::ApiVersion() const {
  return group_.empty() ? version_ : group_ + "/" + version_;
}

std::string Resource::ToString() const {
  return group_.empty() ? plural_ : plural_ + "." + group_;
}

Result<Listable> Listable::Create(std::string group, std::string version, std::string plural,
                                  Scope scope) {
  if (!group.empty() && !IsObjectName(group)) {
    return InvalidArgument("API group " + Quote(group) + ": want a DNS name, such as \"apps\"");
  }
  if (!IsLabel(version, kMaxLabelBytes)) {
    return InvalidArgument("API version " + Quote(version) + ": want one such as \"v1\"");
  }
  if (!IsLabel(plural, kMaxLabelBytes)) {
    return InvalidArgument("resource " + Quote(plural) +
                           ": want a plural in lower case, such as \"rollouts\"");
  }
  Listable made(std::move(group), std::move(version), std::move(plural), scope);
  if (made.is_secret()) {
    return InvalidArgument("resource \"secrets\": Secrets are never listed or watched");
  }
  return made;
}

// The kinds that we know by ourselves.
struct KnownResources {
  static Listable Namespaced(const char* group, const char* version, const char* plural) {
    return Listable(group, version, plural, Resource::Scope::kNamespaced);
  }
  static Listable OfCluster(const char* group, const char* version, const char* plural) {
    return Listable(group, version, plural, Resource::Scope::kCluster);
  }
};

const Resource& Secrets() {
  static const Resource made("", "v1", "secrets", Resource::Scope::kNamespaced);
  return made;
}
const Listable& ServiceAccounts() {
  static const Listable made = KnownResources::Namespaced("", "v1", "serviceaccounts");
  return made;
}
const Listable& ConfigMaps() {
  static const Listable made = KnownResources::Namespaced("", "v1", "configmaps");
  return made;
}
const Listable& Events() {
  static const Listable made = KnownResources::Namespaced("", "v1", "events");
  return made;
}
const Listable& Leases() {
  static const Listable made = KnownResources::Namespaced("coordination.k8s.io", "v1", "leases");
  return made;
}
const Listable& Pods() {
  static const Listable made = KnownResources::Namespaced("", "v1", "pods");
  return made;
}
const Listable& ReplicationControllers() {
  static const Listable made = KnownResources::Namespaced("", "v1", "replicationcontrollers");
  return made;
}
const Listable& PodTemplates() {
  static const Listable made = KnownResources::Namespaced("", "v1", "podtemplates");
  return made;
}
const Listable& Deployments() {
  static const Listable made = KnownResources::Namespaced("apps", "v1", "deployments");
  return made;
}
const Listable& ReplicaSets() {
  static const Listable made = KnownResources::Namespaced("apps", "v1", "replicasets");
  return made;
}
const Listable& StatefulSets() {
  static const Listable made = KnownResources::Namespaced("apps", "v1", "statefulsets");
  return made;
}
const Listable& DaemonSets() {
  static const Listable made = KnownResources::Namespaced("apps", "v1", "daemonsets");
  return made;
}
const Listable& Jobs() {
  static const Listable made = KnownResources::Namespaced("batch", "v1", "jobs");
  return made;
}
const Listable& CronJobs() {
  static const Listable made = KnownResources::Namespaced("batch", "v1", "cronjobs");
  return made;
}
const Listable& ValidatingWebhookConfigurations() {
  static const Listable made = KnownResources::OfCluster("admissionregistration.k8s.io", "v1",
                                                         "validatingwebhookconfigurations");
  return made;
}
const Listable& MutatingWebhookConfigurations() {
  static const Listable made = KnownResources::OfCluster("admissionregistration.k8s.io", "v1",
                                                         "mutatingwebhookconfigurations");
  return made;
}

Result<std::string> ObjectPath(const Resource& resource, const ObjectName& name) {
  if (resource.is_namespaced() && name.ns.empty()) {
    return InvalidArgument(resource.ToString() + " " + Quote(name.name) + ": want a namespace");
  }
  XZGATE_ASSIGN(const std::string folder, CollectionPath(resource, name.ns));
  if (!IsObjectName(name.name)) {
    return InvalidArgument(Quote(name.name) + " is no name of an object of " + resource.ToString() +
                           ", want a DNS subdomain (RFC 1123)");
  }
  return folder + "/" + name.name;
}

Result<std::string> CollectionPath(const Resource& resource, std::string_view ns) {
  std::string path = resource.group().empty() ? "/api/" : "/apis/";
  path += resource.ApiVersion();
  if (!ns.empty()) {
    if (!resource.is_namespaced()) {
      return InvalidArgument(resource.ToString() + " has no namespaces, found " + Quote(ns));
    }
    if (!IsNamespaceName(ns)) {
      return InvalidArgument(Quote(ns) + " is no name of a namespace, want a DNS label (RFC 1123)");
    }
    path += "/namespaces/" + std::string(ns);
  }
  return path + "/" + resource.plural();
}

bool IsObjectName(std::string_view text) {
  if (text.size() > kMaxNameBytes) return false;
  return std::ranges::all_of(Split(text, '.'),
                             [](std::string_view part) { return IsLabel(part, kMaxNameBytes); });
}

bool IsNamespaceName(std::string_view text) {
  return IsLabel(text, kMaxLabelBytes);
}

std::string EncodeQueryValue(std::string_view text) {
  constexpr std::string_view kUnreserved = "-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_letter = (c >= 'A' && c <= 'Z') || IsLowerOrDigit(c);
    if (is_letter || kUnreserved.contains(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

}  // namespace xzgate::kube
