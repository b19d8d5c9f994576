#pragma once

#include <string>
#include <vector>

#include "cmd/verify_session.h"

namespace xzgate::cmd {

// `xzgate verify`: whether the right people vouch for images, or, with --bundle, for one file.
// Prints why to standard output; returns the exit code: 0 verified or not required, 1 not verified,
// 2 usage, 3 could not decide; the worst image counts (1, then 3, then 0).
int RunVerify(const VerifyFlags& flags, const std::vector<std::string>& targets);

}  // namespace xzgate::cmd
