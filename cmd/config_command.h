#pragma once

#include <string>
#include <vector>

namespace xzgate::cmd {

// `xzgate config check PATH…`: reads configurations, policies and rule packs (told apart by their
// `kind`; a file without one is a configuration) and prints every problem of every file, a line
// each, to standard error; there also a note for each path that a configuration names and that does
// not exist, for authorities that nothing asks, and for trust that has ended. Files that policies
// name are read too. In a folder's place its *.yaml and *.yml. Returns 0 when there is no problem,
// 2 otherwise.
int RunConfigCheck(const std::vector<std::string>& paths);

}  // namespace xzgate::cmd
