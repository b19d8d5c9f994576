// Prints the CPU time of one bundle from its bytes to the proof: keyless, with SCT, log entry and
// timestamp; and that of the signatures in it alone, which nobody can do without. Keys are of the
// kinds that the public-good instance has (P-384 of its Fulcio and of its timestamp authority,
// P-256 and Ed25519 of its logs); the trust root is read before, as a policy's is.

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "scanner/signature/bundle.h"
#include "scanner/signature/verifier.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate {
namespace {

using signature::Authority;
using testing::KeyType;
using testing::SigningWish;
using testing::TestAuthority;
using testing::TestKey;
using testing::TestSigstore;

constexpr int kPasses = 500;

double CpuMicroseconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

TestSigstore LikePublicGood() {
  TestSigstore sigstore = TestSigstore::Create("sigstore.test");
  const auto p384 = [] { return TestKey::Generate(KeyType::kP384); };
  const TestAuthority root = TestAuthority::Root(testing::RootWish("sigstore"), p384());
  sigstore.fulcio =
      root.Intermediate(testing::IntermediateWish("sigstore-intermediate", "codeSigning"), p384());
  sigstore.tsa =
      testing::TestTsa::Create("sigstore-tsa", testing::TsaLeafWish("sigstore-tsa"), p384());
  return sigstore;
}

Authority Keyless(const TestSigstore& sigstore) {
  auto root = signature::TrustedRoot::Parse(sigstore.TrustedRoot(), "bench");
  if (!root) return {};
  signature::KeylessAuthority kind;
  kind.identities = {{.subject = *signature::TextMatcher::Exact(testing::kTestSubject),
                      .issuer = *signature::TextMatcher::Exact(testing::kTestIssuer),
                      .extensions = {}}};
  return {.name = "ci",
          .kind = std::move(kind),
          .roots = {std::make_shared<const signature::TrustedRoot>(*std::move(root))},
          .annotations = {}};
}

bool Verify(const std::string& bundle, const Authority& authority, const oci::Digest& image) {
  const auto material = signature::ParseBundle(bundle);
  if (!material) return false;
  return signature::SignatureVerifier()
      .Verify(*material, authority, image, testing::kNow)
      .verified.has_value();
}

// Of one pass of `work`, which tells whether it went well; negative when it did not.
template <typename Work>
double Measure(const Work& work) {
  bool held = work();
  const double start = CpuMicroseconds();
  for (int pass = 0; pass < kPasses; ++pass) held = work() && held;
  const double took = CpuMicroseconds() - start;
  return held ? took / kPasses : -1;
}

double MeasureBundle(const TestSigstore& sigstore, const SigningWish& wish) {
  const auto image = oci::Digest::Of(AsBytes(std::string_view("an image")));
  const std::string bundle = json::Encode(sigstore.ImageBundle(image.ToString(), wish));
  const Authority authority = Keyless(sigstore);
  return Measure([&] { return Verify(bundle, authority, image); });
}

// What OpenSSL takes for one signature by a key of this type, everything at hand.
double MeasureSignature(KeyType type) {
  const TestKey& signer = TestKey::Shared(type);
  const auto key = crypto::PublicKey::FromPem(signer.PublicPem());
  if (!key) return -1;
  const std::string message = "a message";
  const std::string signature = signer.SignByDefault(message);
  const crypto::Scheme scheme{.hash = crypto::DefaultHash(key->kind())};
  return Measure(
      [&] { return key->Verify(AsBytes(message), AsBytes(signature), scheme).has_value(); });
}

// `with_v2`: the checkpoint is Ed25519's; else it and the entry are signed with P-256.
double SignaturesAlone(bool with_v2) {
  const double authorities = 2 * MeasureSignature(KeyType::kP384);  // Fulcio, timestamp
  const double leaf_and_sct = 2 * MeasureSignature(KeyType::kP256);
  const double log =
      with_v2 ? MeasureSignature(KeyType::kEd25519) : 2 * MeasureSignature(KeyType::kP256);
  return authorities + leaf_and_sct + log;
}

}  // namespace
}  // namespace xzgate

int main() {
  using Tlog = xzgate::testing::SigningWish::Tlog;
  const auto sigstore = xzgate::LikePublicGood();
  const double v1 = xzgate::MeasureBundle(sigstore, {});
  const double v2 = xzgate::MeasureBundle(sigstore, {.tlog = Tlog::kV2});
  if (v1 < 0 || v2 < 0) {
    std::fputs("bundle_bench: a good bundle does not verify\n", stderr);
    return 1;
  }
  fmt::print(
      R"({{"rekor_v1_us":{:.1f},"rekor_v1_signatures_us":{:.1f},"rekor_v2_us":{:.1f},"rekor_v2_signatures_us":{:.1f}}})"
      "\n",
      v1, xzgate::SignaturesAlone(false), v2, xzgate::SignaturesAlone(true));
  return 0;
}
