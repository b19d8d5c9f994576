#pragma once

#include "base/yaml/document.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// Reads `podFindings` of a policy's spec, when present. Adds every problem.
void ReadPodFindings(yaml::Mapping& spec, PodFindings& out);

}  // namespace xzgate::policy
