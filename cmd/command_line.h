#pragma once

namespace xzgate::cmd {

// Reads the command line and runs what it names; returns the process's exit code
// (docs/configuration.md has the table).
int RunCommandLine(int argc, char** argv);

}  // namespace xzgate::cmd
