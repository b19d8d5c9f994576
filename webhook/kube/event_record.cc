#include "webhook/kube/event_record.h"

#include <utility>

#include "base/text.h"
#include "webhook/kube/object.h"

namespace xzgate::kube {
namespace {

// Times of events have whole seconds (meta/v1 Time).
std::string ToTime(WallTime time) {
  return ToRfc3339(time).substr(0, 19) + "Z";
}

// Where its events are: those of cluster objects stand in "default" (client-go's recorder).
std::string NamespaceOf(const EventRecord& event) {
  return event.object.ns.empty() ? "default" : event.object.ns;
}

// An object's name with a dot behind it, short enough for the letters that the API server adds.
std::string NamePrefix(const EventRecord& event) {
  constexpr std::size_t kMaxPrefix = 200;
  std::string prefix = event.object.name.substr(0, kMaxPrefix);
  while (!prefix.empty() && !IsObjectName(prefix)) prefix.pop_back();
  return (prefix.empty() ? std::string(kFieldManager) : prefix) + ".";
}

}  // namespace

json::Value ToJson(const EventRecord& event) {
  json::Object involved{{"apiVersion", std::string_view(event.api_version)},
                        {"kind", std::string_view(event.kind)},
                        {"name", std::string_view(event.object.name)}};
  if (!event.object.ns.empty()) {
    involved.emplace_back("namespace", std::string_view(event.object.ns));
  }
  if (!event.uid.empty()) involved.emplace_back("uid", std::string_view(event.uid));
  return json::Object{
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"metadata",
       json::Object{{"generateName", NamePrefix(event)}, {"namespace", NamespaceOf(event)}}},
      {"involvedObject", std::move(involved)},
      {"type", event.is_warning ? "Warning" : "Normal"},
      {"reason", Truncate(event.reason, kMaxEventReason)},
      {"message", Truncate(event.message, kMaxEventMessage)},
      {"count", event.count},
      {"firstTimestamp", ToTime(event.first)},
      {"lastTimestamp", ToTime(event.last)},
      {"source", json::Object{{"component", kFieldManager}}},
      {"reportingComponent", kFieldManager},
      {"reportingInstance", std::string_view(event.instance)},
  };
}

Result<ObjectName> CreateEvent(Cluster& cluster, const EventRecord& event, Deadline deadline) {
  XZGATE_ASSIGN(const json::Value made, cluster.Create(Events(), ToJson(event), deadline));
  return NameOf(made);
}

Result<void> UpdateEvent(Cluster& cluster, const ObjectName& name, const EventRecord& event,
                         Deadline deadline) {
  JsonPatch patch;
  patch.Add({"count"}, event.count);
  patch.Add({"lastTimestamp"}, ToTime(event.last));
  patch.Add({"message"}, Truncate(event.message, kMaxEventMessage));
  XZGATE_RETURN_IF_ERROR(cluster.Patch(Events(), name, patch, deadline));
  return {};
}

}  // namespace xzgate::kube
