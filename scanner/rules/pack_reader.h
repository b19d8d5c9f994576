#pragma once

#include "base/yaml/document.h"
#include "scanner/rules/rule_pack.h"

namespace xzgate::rules {

// Reads the one document of a rule pack, adding all that is wrong with it to `problems`; what comes
// back counts only when there are none. Pure.
RulePack ReadPack(const yaml::Node& document, yaml::Problems& problems);

}  // namespace xzgate::rules
