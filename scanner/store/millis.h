#pragma once

#include <cstdint>

#include "base/clock.h"

namespace xzgate::store {

// How a time is stored: milliseconds since 1970.
inline std::int64_t ToMillis(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime FromMillis(std::int64_t millis) {
  return WallTime(std::chrono::milliseconds(millis));
}

}  // namespace xzgate::store
