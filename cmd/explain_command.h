#pragma once

#include <string>
#include <vector>

#include "cmd/scan_session.h"

namespace xzgate::cmd {

struct ExplainFlags {
  ScanFlags scan;
  std::vector<std::string> policies;  // files or folders; none: the built-in default
  std::string namespace_name = "default";
};

// `xzgate explain FILE|IMAGE`: every step from reference to decision, for each image that a
// manifest names, or for one image as a container of a new pod. Returns the exit code of design.md
// section 7 for the worst verdict; 1 also when a policy denies an image whose verdict is known, or
// a manifest's reference is invalid; 2 for a file that cannot be read and an invalid reference that
// was typed.
int RunExplain(const ExplainFlags& flags, const std::string& target);

}  // namespace xzgate::cmd
