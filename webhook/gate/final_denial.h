#pragma once

#include "webhook/policy/decision.h"

namespace xzgate::gate {

// Whether an image use is refused for good: by what is in the image, by its name, or by who signed
// it. Of an `unknown`, and of signatures that could not be judged, nobody knows what the others, or
// another try, will tell. Pure.
bool IsFinalDenial(const admission::Request& request, const policy::JudgedUse& judged,
                   const policy::PolicySet& policies);

}  // namespace xzgate::gate
