#include "webhook/certificates/renewal.h"

#include "tests/support/result_matchers.h"
#include "tests/webhook/certificates/samples.h"

namespace xzgate::certificates {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::HasSubstr;

// What Renew makes of it; the test fails where it should leave things as they are.
Renewed Must(const Material& material, bool is_published, WallTime now,
             const Wish& wish = MakeWish()) {
  auto renewed = Renew(material, wish, is_published, now);
  EXPECT_TRUE(renewed && *renewed) << "nothing is renewed";
  return renewed.value().value();
}

bool IsGood(const Material& material, bool is_published, WallTime now,
            const Wish& wish = MakeWish()) {
  const auto renewed = Renew(material, wish, is_published, now);
  return renewed && !*renewed;
}

TEST(RenewalTest, AnEmptyClusterGetsAuthorityAndLeaf) {
  const Material first = First();
  ASSERT_EQ(first.authorities.size(), 1u);
  ASSERT_TRUE(first.leaf);
  EXPECT_TRUE(IsTrusted(*first.leaf, first.authorities, kStart));
  for (const auto& name : MakeWish().dns_names) {
    EXPECT_TRUE(crypto::AnswersTo(first.leaf->certificate, name));
  }
  EXPECT_TRUE(IsGood(first, true, kStart));
  EXPECT_TRUE(IsGood(first, false, kStart));
}

TEST(RenewalTest, AClockThatIsHalfAnHourSlowTrustsIt) {
  const Material first = First();
  EXPECT_TRUE(IsTrusted(*first.leaf, first.authorities, kStart - std::chrono::minutes(30)));
}

TEST(RenewalTest, ALeafIsRenewedWhenAThirdIsLeft) {
  const Material first = First();
  EXPECT_TRUE(IsGood(first, true, kStart + days(59)));
  const Renewed renewed = Must(first, true, kStart + days(61));
  EXPECT_THAT(renewed.reason, HasSubstr("the leaf ends at 2027-02-22"));
  EXPECT_EQ(renewed.material.authorities, first.authorities);
  EXPECT_EQ(renewed.material.leaf->certificate.not_after(), kStart + days(61) + kLeafLife);
  EXPECT_FALSE(renewed.material.leaf->key.public_key() == first.leaf->key.public_key());
}

TEST(RenewalTest, AnUnpublishedAuthoritySignsOnlyWhatIsOfNoUseAnyway) {
  const Material first = First();
  EXPECT_TRUE(IsGood(first, false, kStart + days(61)));
  EXPECT_THAT(Must(first, false, kStart + days(91)).reason, HasSubstr("the leaf ends at"));
}

TEST(RenewalTest, AnAuthorityChangesWithoutAGap) {
  Material first = First();
  const WallTime late = kStart + kAuthorityLife - days(1216);
  first.leaf = Must(first, true, late - days(1)).material.leaf;  // a young leaf of the old one

  const Material both = Must(first, true, late).material;
  ASSERT_EQ(both.authorities.size(), 2u);
  EXPECT_EQ(both.authorities[1], first.authorities[0]);
  EXPECT_EQ(both.leaf->certificate, first.leaf->certificate);
  EXPECT_TRUE(IsGood(both, false, late)) << "the new one is not published yet";

  const Renewed signed_anew = Must(both, true, late);
  EXPECT_EQ(signed_anew.reason, "there is a newer authority");
  EXPECT_EQ(signed_anew.material.authorities.size(), 2u);
  EXPECT_TRUE(crypto::IsIssuedBy(signed_anew.material.leaf->certificate, both.authorities[0]));
  EXPECT_TRUE(IsGood(signed_anew.material, true, late + kOverlap - std::chrono::minutes(1)));

  const Material after = Must(signed_anew.material, true, late + kOverlap).material;
  ASSERT_EQ(after.authorities.size(), 1u);
  EXPECT_EQ(after.authorities[0], both.authorities[0]);
  EXPECT_EQ(after.leaf->certificate, signed_anew.material.leaf->certificate);
  EXPECT_TRUE(IsGood(after, true, late + kOverlap));
}

TEST(RenewalTest, OtherNamesNeedAnotherLeaf) {
  const Wish moved = {.dns_names = {"xzgate.other.svc"}};
  const Renewed renewed = Must(First(), true, kStart, moved);
  EXPECT_EQ(renewed.reason, "the leaf does not name \"xzgate.other.svc\"");
  EXPECT_TRUE(crypto::AnswersTo(renewed.material.leaf->certificate, "xzgate.other.svc"));
}

TEST(RenewalTest, WhatIsMissingIsMade) {
  Material keyless = First();
  keyless.authority_key.reset();
  const Renewed anew = Must(keyless, true, kStart);
  EXPECT_EQ(anew.reason, "there is no authority with its key");
  EXPECT_EQ(anew.material.authorities.size(), 2u) << "the leaf's own stays";
  EXPECT_EQ(anew.material.leaf->certificate, keyless.leaf->certificate);

  Material leafless = First();
  leafless.leaf.reset();
  EXPECT_EQ(Must(leafless, true, kStart).reason, "there is no leaf with its key");

  Material stranger = First();
  stranger.leaf = First().leaf;
  EXPECT_EQ(Must(stranger, true, kStart).reason, "no authority vouches for the leaf");
}

// A restored backup, or a machine whose clock ran ahead when it wrote.
TEST(RenewalTest, TimesThatAreOffAreMended) {
  const Material old = Must(First(), true, kStart + days(5000)).material;
  EXPECT_TRUE(IsTrusted(*old.leaf, old.authorities, kStart + days(5000)));
  EXPECT_EQ(old.authorities.size(), 1u) << "the expired one is of no use";
  const Material ahead = First(kStart + days(400));
  const Material now = Must(ahead, true, kStart).material;
  EXPECT_TRUE(IsTrusted(*now.leaf, now.authorities, kStart));
}

TEST(RenewalTest, AuthoritiesDoNotPileUp) {
  Material material = First();
  for (int i = 0; i < 10; ++i) {
    material.authority_key.reset();
    material = Must(material, false, kStart).material;
    ASSERT_TRUE(IsTrusted(*material.leaf, material.authorities, kStart));
  }
  EXPECT_EQ(material.authorities.size(), kMaxAuthorities);
}

}  // namespace
}  // namespace xzgate::certificates
