#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/json/value.h"
#include "base/result.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_sigstore.h"

// Bundles of each version, and one with something changed, for the tests of ParseBundle.
namespace xzgate::signature::bundle_fixture {

using ::xzgate::testing::Base64;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::SigningWish;
using ::xzgate::testing::TestSigstore;
using ::xzgate::testing::With;
using ::xzgate::testing::Without;

inline const std::string kDigest = "sha256:" + std::string(64, 'a');

inline const json::Value& V01() {
  static const json::Value good = TestSigstore::Default().ImageBundle(kDigest, {.version = "0.1"});
  return good;
}
inline const json::Value& V02() {
  static const json::Value good = TestSigstore::Default().ImageBundle(kDigest, {.version = "0.2"});
  return good;
}
inline const json::Value& V03() {
  static const json::Value good = TestSigstore::Default().ImageBundle(kDigest);
  return good;
}

using Change = std::function<json::Value(json::Value)>;
inline Change Set(std::string path, json::Value value) {
  return [path, value](json::Value v) { return With(std::move(v), path, value); };
}
inline Change Drop(std::string path) {
  return [path](json::Value v) { return Without(std::move(v), path); };
}

struct Accepted {
  const char* name;
  const json::Value& (*base)();
  Change change;
};

struct Refused {
  const char* name;
  const json::Value& (*base)();
  Change change;
  const char* text;
  ErrorCode code = ErrorCode::kInvalidArgument;
};

}  // namespace xzgate::signature::bundle_fixture
