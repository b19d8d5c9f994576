#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "webhook/kube/cluster.h"

namespace xzgate::kube {

// What the API server takes (core/v1 event validation): a longer note is cut by us.
inline constexpr std::size_t kMaxEventMessage = 1024;
inline constexpr std::size_t kMaxEventReason = 128;

// An event as `kubectl describe` shows it; the caller counts equal ones together. A value.
struct EventRecord {
  // What it is about.
  std::string api_version;
  std::string kind;
  ObjectName object;  // an object of the cluster has its events in namespace "default"
  std::string uid = {};

  bool is_warning = false;
  std::string reason;   // "ImageDenied": CamelCase, what tools sort by
  std::string message;  // for people
  std::uint64_t count = 1;
  WallTime first = {};
  WallTime last = {};
  std::string instance = {};  // of us: the pod's name
};

// For Create; the API server chooses the name.
json::Value ToJson(const EventRecord& event);

// Returns the name that it got, for UpdateEvent. Errors as Cluster::Create.
Result<ObjectName> CreateEvent(Cluster& cluster, const EventRecord& event, Deadline deadline);

// Sets count, last time and message of an event of ours. Errors as Cluster::Patch (kNotFound once
// the API server forgot it, mostly after an hour).
Result<void> UpdateEvent(Cluster& cluster, const ObjectName& name, const EventRecord& event,
                         Deadline deadline);

}  // namespace xzgate::kube
