#pragma once

#include <chrono>
#include <optional>

namespace xzgate::cmd {

// Blocks SIGTERM and SIGINT for this thread and every thread it starts, and ignores SIGPIPE. First
// thing a service does.
void BlockStopSignals();

// Waits for one of the two; returns its number.
int WaitForStopSignal();

// The same for a while; nothing when none came.
std::optional<int> WaitForStopSignal(std::chrono::milliseconds at_most);

}  // namespace xzgate::cmd
