#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "webhook/kube/cluster.h"

namespace xzgate::kube {

// Who does a thing for a while (coordination.k8s.io/v1 Lease). A value. Whether it has run out is
// for the reader to find out: by his own clock, from when he saw renew_time change last
// (kubernetes.md 6.2).
struct Lease {
  ObjectName name;
  std::string resource_version = {};  // "" before it was created
  std::string holder = {};            // "" when nobody does
  std::chrono::seconds duration{15};
  WallTime acquired = {};
  WallTime renewed = {};
  std::int64_t transitions = 0;
};

// Errors: kInvalidArgument for another kind of object, or times that are none.
Result<Lease> ToLease(const json::Value& object);
json::Value ToJson(const Lease& lease);

// Errors as Cluster's and ToLease. Update: kConflict when somebody else was faster.
Result<Lease> GetLease(Cluster& cluster, const ObjectName& name, Deadline deadline);
Result<Lease> CreateLease(Cluster& cluster, const Lease& lease, Deadline deadline);
Result<Lease> UpdateLease(Cluster& cluster, const Lease& lease, Deadline deadline);

}  // namespace xzgate::kube
