#pragma once

#include <vector>

#include "base/yaml/document.h"
#include "scanner/signature/condition.h"

namespace xzgate::policy {

// Reads `conditions` of an attestation. Adds every problem: no JSON pointer, none or several of the
// ways to compare, empty lists, expressions without anchors.
std::vector<signature::Condition> ReadConditions(yaml::Mapping& attestation);

}  // namespace xzgate::policy
