#pragma once

#include <string>

#include "webhook/policy/decision.h"

namespace xzgate::policy {

// Whether its signatures, not its content, decided about the use.
bool IsAboutSignatures(const UseDecision& use);

// Why, in one line: the policy, and what its entry misses.
std::string SignatureExplanation(const UseDecision& use);
// Who would do, and what a developer can do about it; "" where nothing can be said.
std::string SignatureRemedy(const UseDecision& use);
// For a use that its content decided about: what its signatures would do besides, or that they
// turned a denial into a warning; "" if nothing.
std::string SignatureAside(const UseDecision& use);

}  // namespace xzgate::policy
