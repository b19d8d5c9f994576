#pragma once

#include <string>

#include "base/result.h"

namespace xzgate::gate {

// The stable code (docs/reasons.md) of a failed registry call.
std::string RegistryReasonCode(const Error& error);

}  // namespace xzgate::gate
