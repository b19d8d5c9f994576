// Years of two replicas, a Secret and a caBundle, with what happens to them in clusters: at no
// moment may a replica serve a leaf that the caBundle does not vouch for.

#include <random>

#include "tests/support/result_matchers.h"
#include "tests/webhook/certificates/samples.h"
#include "webhook/certificates/bundle.h"

namespace xzgate::certificates {
namespace {

// One replica's step, as CertificateKeeper makes it.
struct Replica {
  std::optional<Leaf> served;
  BundlePlan plan;

  void Step(SecretData& secret, std::string& bundle, WallTime now, SteadyTime passed) {
    std::vector<std::string> notes;
    Material material = ReadMaterial(secret, notes);
    const bool is_published =
        !material.authorities.empty() && Holds(bundle, material.authorities.front());
    const auto renewed = Renew(material, MakeWish(), is_published, now);
    ASSERT_TRUE(renewed);
    if (*renewed) {
      material = (*renewed)->material;
      secret = WriteMaterial(material);
    }
    if (auto next = plan.Next(bundle, material.authorities, now, passed)) bundle = *next;
    served = material.leaf;
  }
};

void Disturb(std::mt19937& random, SecretData& secret, const SecretData& backup,
             std::string& bundle) {
  switch (random() % 8) {
    case 0:
      secret = backup;
      break;
    case 1:
      secret.clear();
      break;
    case 2:
      secret.erase(std::next(secret.begin(), static_cast<long>(random() % secret.size())));
      break;
    case 3:
      secret[kAuthorityKeyEntry] = "damaged";
      break;
    case 4:
      bundle += "damaged";  // all of it is lost to the API server until a replica mends it
      break;
    default:
      break;
  }
}

class YearsOfLife : public ::testing::TestWithParam<unsigned> {};

TEST_P(YearsOfLife, AreWithoutAGap) {
  std::mt19937 random(GetParam());
  SecretData secret;
  SecretData backup;
  std::string bundle;
  Replica replicas[2];
  WallTime now = kStart;
  SteadyTime passed{};
  for (int step = 0; step < 100; ++step) {
    if (step % 20 == 10) backup = secret;
    if (step > 10 && random() % 4 == 0) Disturb(random, secret, backup, bundle);
    // Each polls several times before days pass.
    const unsigned first = random() % 2;
    for (unsigned poll = 0; poll < 4; ++poll) {
      replicas[(first + poll) % 2].Step(secret, bundle, now, passed);
      const auto trusted = *crypto::Certificate::ListFromPem(bundle, kMaxBundle);
      for (const auto& replica : replicas) {
        ASSERT_TRUE(!replica.served || IsTrusted(*replica.served, trusted, now)) << step;
      }
    }
    const auto span = std::chrono::hours(1 + random() % (24 * 25));
    now += span;
    passed += span;
  }
  EXPECT_LE(ReadMaterial(secret, *std::make_unique<std::vector<std::string>>()).authorities.size(),
            2u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, YearsOfLife, ::testing::Range(1u, 5u));

}  // namespace
}  // namespace xzgate::certificates
