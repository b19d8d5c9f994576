#pragma once

namespace xzgate::cmd {

// Blocks SIGTERM and SIGINT for this thread and every thread it starts, and ignores SIGPIPE. First
// thing a service does.
void BlockStopSignals();

// Waits for one of the two; returns its number.
int WaitForStopSignal();

}  // namespace xzgate::cmd
