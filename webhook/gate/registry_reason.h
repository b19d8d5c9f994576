#pragma once

#include <string>

#include "base/result.h"
#include "scanner/rules/report.h"

namespace xzgate::gate {

// The stable code (docs/reasons.md) of a failed registry call.
std::string RegistryReasonCode(const Error& error);

// The cause of `unknown` that goes with it: kUnreadable for wrong bytes (RG008), else kUnreachable.
rules::Cause RegistryCause(const Error& error);

}  // namespace xzgate::gate
