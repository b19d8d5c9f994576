#pragma once

#include <string>
#include <vector>

namespace xzgate::cmd {

// `xzgate config check FILE…`: reads configurations, policies and rule packs (told apart by their
// `kind`; a file without one is a configuration) and prints every problem of every file, a line
// each. Returns 0 when there is none, 2 otherwise.
int RunConfigCheck(const std::vector<std::string>& files);

}  // namespace xzgate::cmd
