#include "webhook/policy/pod_findings_reader.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::policy {
namespace {

// In the order of Action.
const std::vector<std::string_view> kWords = {"off", "warn", "deny"};

void ReadWord(yaml::Mapping& map, std::string_view key, Action& out) {
  auto index = static_cast<std::size_t>(out);
  map.OptionalWord(key, kWords, index);
  out = static_cast<Action>(index);
}

void CheckCapability(const yaml::Node& node, yaml::Problems& problems) {
  const std::string& name = node.scalar();
  const bool fits = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!fits)
    node.Complain(problems, "want a capability such as NET_BIND_SERVICE, found " + Quote(name, 64));
}

}  // namespace

void ReadPodFindings(yaml::Mapping& spec, PodFindings& out) {
  spec.Section("podFindings", [&out](yaml::Mapping& map) {
    ReadWord(map, "writableRoot", out.writable_root);
    ReadWord(map, "privileged", out.privileged);
    ReadWord(map, "hostNamespaces", out.host_namespaces);
    ReadWord(map, "addedCapabilities", out.added_capabilities);
    ReadWord(map, "defaultNamespace", out.default_namespace);
    ReadWord(map, "containerSockets", out.container_sockets);
    if (map.node().Find("allowedCapabilities") == nullptr) return;
    out.allowed_capabilities.clear();
    map.Optional("allowedCapabilities", out.allowed_capabilities);
    for (const yaml::Node& item : map.node().Find("allowedCapabilities")->items()) {
      if (item.IsScalar()) CheckCapability(item, map.problems());
    }
  });
}

}  // namespace xzgate::policy
