#pragma once

#include <string>

#include "base/result.h"
#include "scanner/rules/report.h"

namespace xzgate::gate {

// The stable code (docs/reasons.md) of a failed registry call: RG001 to RG008; SY001 for a fault of
// ours.
std::string RegistryReasonCode(const Error& error);

// The cause of `unknown` that goes with it, as ImageSource says: kUnreadable for wrong bytes and
// for a limit of ours, kPending for a fault of ours, else kUnreachable.
rules::Cause RegistryCause(const Error& error);

}  // namespace xzgate::gate
