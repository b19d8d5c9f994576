#pragma once

#include "webhook/policy/decision.h"

namespace xzgate::policy {

// Fills the fields of `use` that are about signatures, from its reports: the worst of those of all
// entries that `rule` has for the image, in their order (PolicySet::RequirementsFor). A report that
// is missing, or says that nothing is required, counts as not verified yet. Pure.
void JudgeSignatures(const Rule& rule, UseDecision& use);

}  // namespace xzgate::policy
