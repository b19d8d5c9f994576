#pragma once

#include "cmd/signer_flags.h"

namespace CLI {
class App;
}

namespace xzgate::cmd {

// Adds the options of `verify` that say whose signature counts. `flags` must outlive the command.
void AddSignerFlags(CLI::App& command, SignerFlags& flags);

}  // namespace xzgate::cmd
