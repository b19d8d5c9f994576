#pragma once

#include <signal.h>

#include <initializer_list>

namespace xzgate::server {

// Leaves the signals of the process to the thread that waits for them, and turns SIGPIPE (OpenSSL
// writes without MSG_NOSIGNAL) into EPIPE. Called first on each thread of this room.
inline void BlockSignalsHere() {
  sigset_t all;
  sigfillset(&all);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
    sigdelset(&all, fault);
  }
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace xzgate::server
