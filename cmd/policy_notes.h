#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {

// What is no mistake of the policies and should be looked at all the same, in one line each: what
// PolicySet::notes says, what of a trusted root was left out, and whom nobody can believe at `now`
// any more: a trusted root or a private authority that has ended, a key beyond its time. Pure.
std::vector<std::string> PolicyNotes(const policy::PolicySet& policies, WallTime now);

}  // namespace xzgate::cmd
