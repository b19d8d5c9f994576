#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "webhook/admission/review.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// Something about a container or its pod, images apart, that the policy has an opinion on. A value.
struct PodFinding {
  std::string_view code;           // "PL011"
  std::string_view word;           // closed, for metrics: "privileged"
  std::string detail;              // one sentence
  Action action = Action::kAllow;  // warn or deny; what stood in the old object too only warns
  bool unchanged = false;

  bool operator==(const PodFinding&) const = default;
};

// What `asked` has to say about the container whose image `use` is. Pure.
std::vector<PodFinding> FindInContainer(const admission::Request& request,
                                        const admission::ImageUse& use, const PodFindings& asked);

// What it has to say about the pods as a whole: namespaces of the node, the default namespace,
// sockets of container engines. Pure.
std::vector<PodFinding> FindInPod(const admission::Request& request, const PodFindings& asked);

// The worst action of some; kAllow of none.
Action WorstOf(const std::vector<PodFinding>& findings);

// A path of the node that is, or holds, the socket of a container engine: who can write to that
// runs what it likes on the node.
bool LeadsToContainerSocket(std::string_view path);

}  // namespace xzgate::policy
