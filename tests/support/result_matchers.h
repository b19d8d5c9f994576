#pragma once

#include <gmock/gmock.h>

#include <ostream>

#include "base/result.h"

namespace xzgate {

// Lets GoogleTest print what a failing Result holds.
inline void PrintTo(const Error& error, std::ostream* out) {
  *out << error.ToString();
}

namespace testing {

// Matches a Result that holds a value: EXPECT_THAT(Parse(x), IsOk()).
MATCHER(IsOk, negation ? "is an error" : "holds a value") {
  if (arg.has_value()) return true;
  *result_listener << "error " << arg.error().ToString();
  return false;
}

// Matches a Result that holds an error with this code.
MATCHER_P(ErrorIs, code, "holds error " + std::string(ToString(code))) {
  if (arg.has_value()) {
    *result_listener << "holds a value";
    return false;
  }
  *result_listener << arg.error().ToString();
  return arg.error().code() == code;
}

// The same, and the message must contain `text`.
MATCHER_P2(ErrorIs, code, text, "holds error " + std::string(ToString(code)) + " with text") {
  if (arg.has_value()) {
    *result_listener << "holds a value";
    return false;
  }
  *result_listener << arg.error().ToString();
  return arg.error().code() == code && arg.error().message().find(text) != std::string::npos;
}

}  // namespace testing
}  // namespace xzgate
