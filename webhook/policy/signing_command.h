#pragma once

#include <string>

#include "scanner/signature/authority.h"
#include "scanner/signature/requirement.h"

namespace xzgate::policy {

// The cosign 3 command that makes what `requirement` asks of this authority, on one line: KEY, PEM,
// FILE and URL stand for what only the signer knows. It writes to a log only where the authority
// asks for an entry (or is keyless), and to the public one only where that is trusted.
std::string SigningCommand(const signature::Requirement& requirement,
                           const signature::Authority& authority, const std::string& image);

}  // namespace xzgate::policy
