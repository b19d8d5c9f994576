#pragma once

#include <string>
#include <vector>

#include "webhook/admission/use_kind.h"

namespace xzgate::admission {

// What one container may do, as its securityContext says. A value.
struct ContainerFacts {
  UseKind kind = UseKind::kContainer;
  std::string name;
  bool privileged = false;
  bool read_only_root = false;
  std::vector<std::string> added_capabilities;  // as written: "NET_ADMIN", "CAP_NET_ADMIN", "ALL"

  bool operator==(const ContainerFacts&) const = default;
};

// A volume that is a path of the node.
struct HostPath {
  std::string volume;
  std::string path;

  bool operator==(const HostPath&) const = default;
};

// What a pod spec says besides its images, of a Pod or of a template. A value.
struct PodFacts {
  std::string field;  // of the spec: "spec", "spec.template.spec"
  // "" in a template that names none: the namespace's default account. In a Pod the API server has
  // filled in both before a validating webhook is asked.
  std::string service_account;
  std::vector<std::string> pull_secrets;
  bool host_network = false;
  bool host_pid = false;
  bool host_ipc = false;
  std::vector<ContainerFacts> containers;
  std::vector<HostPath> host_paths;

  bool operator==(const PodFacts&) const = default;
};

}  // namespace xzgate::admission
