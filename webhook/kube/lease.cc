#include "webhook/kube/lease.h"

#include <utility>

#include "base/rfc3339.h"
#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

// meta/v1 MicroTime wants exactly six digits after the point.
std::string ToMicroTime(WallTime time) {
  std::string text = ToRfc3339(time);
  text.pop_back();
  return text + "000Z";
}

Result<WallTime> TimeOr(const json::Value& spec, std::string_view key, std::string_view where) {
  const std::string text = TextOr(spec, key);
  if (text.empty()) return WallTime();
  auto time = ParseRfc3339(text);
  if (!time) return Annotate(time.error(), std::string(where) + ": " + std::string(key));
  return time;
}

std::int64_t NumberOr(const json::Value& spec, std::string_view key) {
  const json::Value* found = spec.Find(key);
  return found == nullptr ? 0 : found->AsInt().value_or(0);
}

}  // namespace

Result<Lease> ToLease(const json::Value& object) {
  if (TextOr(object, "kind") != "Lease") {
    return InvalidArgument("want an object of kind \"Lease\", found " +
                           Quote(TextOr(object, "kind"), 64));
  }
  Lease lease{.name = NameOf(object), .resource_version = ResourceVersionOf(object)};
  const json::Value* spec = object.Find("spec");
  if (spec == nullptr) return lease;
  const std::string where = "Lease " + Quote(lease.name.name);
  lease.holder = TextOr(*spec, "holderIdentity");
  lease.duration = std::chrono::seconds(NumberOr(*spec, "leaseDurationSeconds"));
  lease.transitions = NumberOr(*spec, "leaseTransitions");
  XZGATE_ASSIGN(lease.acquired, TimeOr(*spec, "acquireTime", where));
  XZGATE_ASSIGN(lease.renewed, TimeOr(*spec, "renewTime", where));
  return lease;
}

json::Value ToJson(const Lease& lease) {
  json::Object metadata{{"name", std::string_view(lease.name.name)},
                        {"namespace", std::string_view(lease.name.ns)}};
  if (!lease.resource_version.empty()) {
    metadata.emplace_back("resourceVersion", std::string_view(lease.resource_version));
  }
  json::Object spec{{"holderIdentity", std::string_view(lease.holder)},
                    {"leaseDurationSeconds", std::int64_t{lease.duration.count()}},
                    {"acquireTime", ToMicroTime(lease.acquired)},
                    {"renewTime", ToMicroTime(lease.renewed)},
                    {"leaseTransitions", lease.transitions}};
  return json::Object{{"apiVersion", "coordination.k8s.io/v1"},
                      {"kind", "Lease"},
                      {"metadata", std::move(metadata)},
                      {"spec", std::move(spec)}};
}

Result<Lease> GetLease(Cluster& cluster, const ObjectName& name, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Get(Leases(), name, deadline));
  return ToLease(object);
}

Result<Lease> CreateLease(Cluster& cluster, const Lease& lease, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Create(Leases(), ToJson(lease), deadline));
  return ToLease(object);
}

Result<Lease> UpdateLease(Cluster& cluster, const Lease& lease, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value object, cluster.Update(Leases(), ToJson(lease), deadline));
  return ToLease(object);
}

}  // namespace xzgate::kube
