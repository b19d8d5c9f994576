#pragma once

#include <string>
#include <vector>

#include "cmd/scan_session.h"

namespace xzgate::cmd {

// `xzgate scan`: prints what was found to standard output; returns the exit code of design.md
// section 7.
int RunScan(const ScanFlags& flags, const std::vector<std::string>& images);

}  // namespace xzgate::cmd
