#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::registry {

// The stable code (docs/reasons.md) of a failed registry call: RG001 to RG008; SY001 for a fault of
// ours. Pure.
std::string_view ReasonCode(const Error& error);

// Its message, and the code with its word behind: "status 404 [RG004 not found]".
std::string WithReason(const Error& error);

}  // namespace xzgate::registry
