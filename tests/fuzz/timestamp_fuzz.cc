// A timestamp that is not just as the authority signed it gives no other time, and none at all for
// another signature. The first byte chooses: 0 the rest is an answer, else an edit of a good one.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scanner/signature/timestamp.h"
#include "scanner/signature/timestamp_info.h"
#include "tests/fuzz/mutation.h"
#include "tests/support/signing/test_sigstore.h"

namespace {

using xzgate::signature::CheckTimestamp;
using xzgate::signature::TrustedRoot;
using xzgate::testing::TestSigstore;

constexpr std::string_view kSignature = "raw bytes of a signature";

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Scene {
  std::string answer;
  TrustedRoot root;
};

Scene MakeScene() {
  const TestSigstore& sigstore = TestSigstore::Default();
  return {sigstore.tsa.Stamp(kSignature),
          TrustedRoot::Parse(sigstore.TrustedRoot(), "fuzz").value()};
}

void Check(const Scene& scene, const std::string& answer) {
  const auto time = CheckTimestamp(answer, kSignature, scene.root, xzgate::testing::kNow);
  if (!time) {
    Require(answer != scene.answer);
    return;
  }
  // Certificates in the bag are not signed; what decides is.
  Require(time->time() == xzgate::testing::kSignedAt);
  Require(time->authority() == "https://" + TestSigstore::Default().tsa.name());
  Require(!CheckTimestamp(answer, "another signature", scene.root, xzgate::testing::kNow));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scene scene = MakeScene();
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    // No key signed it: it can only fail.
    Require(!CheckTimestamp(rest, kSignature, scene.root, xzgate::testing::kNow));
    static_cast<void>(xzgate::signature::ParseTimestampInfo(rest));
    static_cast<void>(xzgate::signature::ParseGeneralizedTime(rest));
  } else {
    Check(scene, xzgate::fuzz::Mutated(scene.answer, rest));
  }
  return 0;
}
