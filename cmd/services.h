#pragma once

#include <string>

namespace xzgate::cmd {

// The long-running commands. Each reads its configuration, runs until SIGTERM or SIGINT, and
// returns the exit code: 0 after an orderly stop, 2 when it could not start, with every reason on
// standard error.

// Webhook plus a supervised scanner process.
int RunServe(const std::string& config_path);
int RunWebhook(const std::string& config_path);
int RunScanner(const std::string& config_path);

}  // namespace xzgate::cmd
