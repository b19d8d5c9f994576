#pragma once

#include <string>

#include "base/result.h"
#include "scanner/rules/rule_pack.h"

namespace xzgate::cmd {

// The rule pack of a file, or the built-in one for "". Errors: those of ReadFile and
// RulePack::Parse.
Result<rules::RulePack> LoadRules(const std::string& path);

}  // namespace xzgate::cmd
