#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace xzgate::cmd {

inline constexpr std::size_t kMaxYamlFiles = 1000;  // of one call

// Files as they are named; in a folder's place its *.yaml and *.yml, in order of name. Errors:
// kUnavailable for a folder that cannot be listed, kResourceExhausted beyond kMaxYamlFiles.
Result<std::vector<std::string>> ListYamlFiles(const std::vector<std::string>& paths);

}  // namespace xzgate::cmd
