#pragma once

#include <cstdlib>

namespace xzgate::testing {

// Ends the test program where a helper cannot go on: OpenSSL failed, or the test asked for
// nonsense.
inline void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace xzgate::testing
