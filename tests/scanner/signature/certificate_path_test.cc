#include "scanner/signature/certificate_path.h"

#include <gtest/gtest.h>

#include "tests/scanner/signature/certificate_path_fixture.h"

namespace xzgate::signature {
namespace {

using crypto::Certificate;
using testing::ErrorIs;
using testing::IntermediateWish;
using testing::IsOk;
using testing::Issued;
using testing::IssueWish;
using testing::KeyType;
using testing::kLeafEnd;
using testing::kLeafStart;
using testing::kSignedAt;
using testing::kTrustStart;
using testing::RootWish;
using testing::TestAuthority;
using testing::TestKey;
using testing::Utc;

TEST(CheckPathTest, GivesThePathFromLeafToRoot) {
  const TestAuthority authority = MakeIntermediate();
  const Certificate leaf = LeafBy(authority);
  const Anchor anchor = AnchorOf(authority.Chain());
  const auto path = Check(leaf, anchor);
  ASSERT_THAT(path, IsOk());
  ASSERT_EQ(path->certificates.size(), 3U);
  EXPECT_EQ(path->certificates[0], leaf);
  EXPECT_EQ(path->issuer(), anchor.chain[0]);
  EXPECT_EQ(path->certificates[2], anchor.chain[1]);
}

// The public Fulcio's first root.
TEST(CheckPathTest, TakesALoneSelfSignedAuthority) {
  const TestAuthority root = MakeRoot();
  const auto path = Check(LeafBy(root), AnchorOf(root.Chain()));
  ASSERT_THAT(path, IsOk());
  EXPECT_EQ(path->issuer().der(), root.der());
}

TEST(CheckPathTest, TakesAnAnchorThatIsNotSelfSigned) {
  const TestAuthority authority = MakeIntermediate();
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf({authority.der()})), IsOk());
}

TEST(CheckPathTest, TakesEveryKindOfAuthorityKey) {
  for (const KeyType type :
       {KeyType::kRsa2048, KeyType::kP384, KeyType::kP521, KeyType::kEd25519}) {
    const auto root = TestAuthority::Root(RootWish("root"), TestKey::Shared(type));
    EXPECT_THAT(Check(LeafBy(root), AnchorOf(root.Chain())), IsOk());
  }
}

TEST(CheckPathTest, TakesAnIntermediateWithoutExtendedUsage) {
  const TestAuthority authority = MakeIntermediate(IntermediateWish("intermediate", ""));
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf(authority.Chain())), IsOk());
}

TEST(CheckPathTest, HoldsPathLength) {
  const TestAuthority first = MakeIntermediate();  // pathlen:0
  const auto second = first.Intermediate(IntermediateWish("second", "codeSigning"), Key(3));
  EXPECT_THAT(Check(LeafBy(second), AnchorOf(second.Chain())),
              ErrorIs(ErrorCode::kIntegrity, "path length"));
  IssueWish one = IntermediateWish("intermediate", "codeSigning");
  one.basic_constraints = "critical,CA:TRUE,pathlen:1";
  const auto longer =
      MakeIntermediate(one).Intermediate(IntermediateWish("second", "codeSigning"), Key(3));
  EXPECT_THAT(Check(LeafBy(longer), AnchorOf(longer.Chain())), IsOk());
}

// Leaf, authorities and root together.
TEST(CheckPathTest, TakesTenCertificatesAndNoMore) {
  TestAuthority authority = MakeRoot();
  IssueWish wish = IntermediateWish("", "");
  wish.basic_constraints = "critical,CA:TRUE";
  for (int i = 0; i < 8; ++i) {
    wish.common_name = "intermediate " + std::to_string(i);
    authority = authority.Intermediate(wish, Key(3));
  }
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf(authority.Chain())), IsOk());
  wish.common_name = "one too many";
  authority = authority.Intermediate(wish, Key(3));
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf(authority.Chain())),
              ErrorIs(ErrorCode::kIntegrity, "chain too long"));
}

TEST(CheckPathTest, RefusesMoreCandidatesThanItLooksAt) {
  const TestAuthority root = MakeRoot();
  const Certificate leaf = LeafBy(root);
  const std::vector<Certificate> nineteen(19, Read(MakeIntermediate().der()));
  EXPECT_THAT(Check(leaf, AnchorOf(root.Chain()), kSignedAt, nineteen), IsOk());
  const std::vector<Certificate> twenty(20, nineteen.front());
  EXPECT_THAT(Check(leaf, AnchorOf(root.Chain()), kSignedAt, twenty),
              ErrorIs(ErrorCode::kIntegrity, "more than 20"));
}

struct TimeCase {
  std::string name;
  WallTime time;
  bool holds;
};

// Both ends belong to the leaf's life, to the authority's and to the time it is trusted in.
class PathTimes : public ::testing::TestWithParam<TimeCase> {};
TEST_P(PathTimes, OfTheLeaf) {
  const TestAuthority authority = MakeIntermediate();
  const auto path = Check(LeafBy(authority), AnchorOf(authority.Chain()), GetParam().time);
  EXPECT_EQ(path.has_value(), GetParam().holds);
}
TEST_P(PathTimes, OfTheIntermediate) {
  IssueWish wish = IntermediateWish("intermediate", "codeSigning");
  wish.not_before = kLeafStart;
  wish.not_after = kLeafEnd;
  const TestAuthority authority = MakeIntermediate(wish);
  const Certificate leaf =
      LeafBy(authority, {.not_before = kTrustStart, .not_after = Utc(2030, 1, 1)});
  EXPECT_EQ(Check(leaf, AnchorOf(authority.Chain()), GetParam().time).has_value(),
            GetParam().holds);
}
TEST_P(PathTimes, OfTheRoot) {
  IssueWish wish = RootWish("root");
  wish.not_before = kLeafStart;
  wish.not_after = kLeafEnd;
  const TestAuthority root = MakeRoot(wish);
  const Certificate leaf = LeafBy(root, {.not_before = kTrustStart, .not_after = Utc(2030, 1, 1)});
  EXPECT_EQ(Check(leaf, AnchorOf(root.Chain()), GetParam().time).has_value(), GetParam().holds);
}
TEST_P(PathTimes, OfTheTrust) {
  const TestAuthority root = MakeRoot();
  const Certificate leaf = LeafBy(root, {.not_before = kTrustStart, .not_after = Utc(2030, 1, 1)});
  const Anchor anchor = AnchorOf(root.Chain(), {.start = kLeafStart, .end = kLeafEnd});
  EXPECT_EQ(Check(leaf, anchor, GetParam().time).has_value(), GetParam().holds);
}
INSTANTIATE_TEST_SUITE_P(
    Table, PathTimes,
    ::testing::Values(
        TimeCase{"OneSecondEarly", kLeafStart - std::chrono::seconds(1), false},
        TimeCase{"OneMillisecondEarly", kLeafStart - std::chrono::milliseconds(1), false},
        TimeCase{"AtTheStart", kLeafStart, true}, TimeCase{"Between", kSignedAt, true},
        TimeCase{"AtTheEnd", kLeafEnd, true},
        TimeCase{"OneMillisecondLate", kLeafEnd + std::chrono::milliseconds(1), false},
        TimeCase{"OneSecondLate", kLeafEnd + std::chrono::seconds(1), false}),
    [](const auto& each) { return each.param.name; });

// TOB-SIGSTORE-4: each of the times counts.
TEST(CheckPathTest, WantsOnePathForAllTimes) {
  const TestAuthority root = MakeRoot();
  const Certificate leaf = LeafBy(root);
  const Anchor anchor = AnchorOf(root.Chain());
  const WallTime late = kLeafEnd + std::chrono::seconds(1);
  const auto check = [&](const std::vector<WallTime>& times) {
    return CheckPath(leaf, anchor, {}, Usage::kCodeSigning, times);
  };
  EXPECT_THAT(check({kLeafStart, kSignedAt, kLeafEnd}), IsOk());
  EXPECT_THAT(check({kSignedAt, late}), ErrorIs(ErrorCode::kIntegrity, "is valid from"));
  EXPECT_THAT(check({late, kSignedAt}), ErrorIs(ErrorCode::kIntegrity, "is valid from"));
  EXPECT_THAT(check({}), ErrorIs(ErrorCode::kIntegrity, "no time"));
}

// An intermediate that was replaced between two times cannot have issued at both.
TEST(CheckPathTest, WantsTheIntermediateAtAllTimes) {
  IssueWish wish = IntermediateWish("intermediate", "codeSigning");
  wish.not_after = kSignedAt;
  const TestAuthority older = MakeIntermediate(wish);
  wish.not_before = kSignedAt;
  wish.not_after = testing::kAuthorityEnd;
  const TestAuthority newer = MakeIntermediate(wish);  // of the same name and key
  const Certificate leaf = LeafBy(older);
  const Anchor anchor = AnchorOf({older.der(), newer.der(), MakeRoot().der()});
  const auto check = [&](const std::vector<WallTime>& times) {
    return CheckPath(leaf, anchor, {}, Usage::kCodeSigning, times);
  };
  const auto first = check({kLeafStart});
  const auto last = check({kLeafEnd});
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(last, IsOk());
  EXPECT_EQ(first->issuer().der(), older.der());
  EXPECT_EQ(last->issuer().der(), newer.der());
  EXPECT_THAT(check({kLeafStart, kLeafEnd}), ErrorIs(ErrorCode::kIntegrity, "is valid from"));
}

// What was checked when the trust root was read is not checked again: the leaf always is.
TEST(CheckPathTest, ChecksTheLeafBelowAVerifiedChain) {
  const TestAuthority authority = MakeIntermediate();
  Anchor anchor = AnchorOf(authority.Chain());
  anchor.is_chain_verified = true;
  EXPECT_THAT(Check(LeafBy(authority), anchor), IsOk());
  std::string der = authority.Issue({}, Key(2)).der;
  der.back() = static_cast<char>(der.back() ^ 1);
  EXPECT_THAT(Check(Read(der), anchor), ErrorIs(ErrorCode::kIntegrity, "signature failure"));
  const auto other =
      MakeRoot().Intermediate(IntermediateWish("intermediate", "codeSigning"), Key(8));
  IssueWish plain;
  plain.key_identifiers = false;
  EXPECT_THAT(Check(LeafBy(other, plain), anchor), ErrorIs(ErrorCode::kIntegrity));
  // A stranger's authority of the same name among the extra ones is no link that is known.
  const auto forger = TestAuthority::Root(IntermediateWish("intermediate", "codeSigning"), Key(9));
  EXPECT_THAT(Check(LeafBy(forger), anchor, kSignedAt, {Read(forger.der())}),
              ErrorIs(ErrorCode::kIntegrity));
}

TEST(CheckPathTest, ChecksAChainThatNobodyVerified) {
  const TestAuthority authority = MakeIntermediate();
  std::string damaged = authority.der();
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  Anchor anchor = AnchorOf({damaged, MakeRoot().der()});
  EXPECT_THAT(Check(LeafBy(authority), anchor),
              ErrorIs(ErrorCode::kIntegrity, "signature failure (of an authority above it)"));
}

// A root of the right name with another key, in a chain that somebody put together: without key
// identifiers nothing but the signature tells.
TEST(CheckPathTest, RefusesAForgedLinkOfAChainThatNobodyVerified) {
  IssueWish root = RootWish("root");
  IssueWish below = IntermediateWish("intermediate", "codeSigning");
  root.key_identifiers = below.key_identifiers = false;
  const TestAuthority authority = MakeRoot(root).Intermediate(below, Key(1));
  const auto impostor = TestAuthority::Root(root, Key(7));
  const Certificate leaf = LeafBy(authority, {.key_identifiers = false});
  EXPECT_THAT(Check(leaf, AnchorOf({authority.der(), MakeRoot(root).der()})), IsOk());
  EXPECT_THAT(Check(leaf, AnchorOf({authority.der(), impostor.der()})),
              ErrorIs(ErrorCode::kIntegrity, "signature failure (of an authority above it)"));
}

TEST(CheckPathTest, SaysWhoWasNotValidWhen) {
  const TestAuthority root = MakeRoot();
  EXPECT_THAT(
      Check(LeafBy(root, {.common_name = "signer"}), AnchorOf(root.Chain()), Utc(2026, 7, 1)),
      ErrorIs(ErrorCode::kIntegrity,
              "certificate \"CN=signer\" is valid from 2026-06-01T00:00:00.000Z to "
              "2026-06-01T00:10:00.000Z, not at 2026-07-01T00:00:00.000Z"));
}

TEST(CheckPathTest, RefusesAnotherAuthorityOfTheSameName) {
  const auto other = TestAuthority::Root(RootWish("root"), Key(7));
  EXPECT_THAT(Check(LeafBy(MakeRoot()), AnchorOf(other.Chain())), ErrorIs(ErrorCode::kIntegrity));
  // The same without key identifiers, where names alone would lead there.
  IssueWish plain = RootWish("root");
  plain.key_identifiers = false;
  const auto impostor = TestAuthority::Root(plain, Key(7));
  const Certificate leaf = LeafBy(MakeRoot(plain), {.key_identifiers = false});
  EXPECT_THAT(Check(leaf, AnchorOf(MakeRoot(plain).Chain())), IsOk());
  EXPECT_THAT(Check(leaf, AnchorOf(impostor.Chain())),
              ErrorIs(ErrorCode::kIntegrity, "signature failure"));
}

TEST(CheckPathTest, RefusesALeafWhoseSignatureIsDamaged) {
  const TestAuthority root = MakeRoot();
  std::string der = root.Issue({}, Key(2)).der;
  der.back() = static_cast<char>(der.back() ^ 1);
  EXPECT_THAT(Check(Read(der), AnchorOf(root.Chain())), ErrorIs(ErrorCode::kIntegrity));
}

TEST(CheckPathTest, TakesAChainInAnyOrderButForTheRoot) {
  IssueWish first = IntermediateWish("intermediate", "codeSigning");
  first.basic_constraints = "critical,CA:TRUE,pathlen:1";
  const auto authority =
      MakeIntermediate(first).Intermediate(IntermediateWish("second", "codeSigning"), Key(3));
  auto chain = authority.Chain();
  std::swap(chain[0], chain[1]);
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf(chain)), IsOk());
  std::swap(chain[0], chain[2]);  // the root first: an intermediate is the anchor
  EXPECT_THAT(Check(LeafBy(authority), AnchorOf(chain)), IsOk());
}

// What the sender adds: never an anchor, only ever a step to one.
TEST(CheckPathTest, TakesExtraIntermediatesOnlyOnTheWayToTheAnchor) {
  const TestAuthority authority = MakeIntermediate();
  const Certificate leaf = LeafBy(authority);
  const Anchor root_only = AnchorOf({MakeRoot().der()});
  EXPECT_THAT(Check(leaf, root_only), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(Check(leaf, root_only, kSignedAt, {Read(authority.der())}), IsOk());

  const auto stranger = TestAuthority::Root(RootWish("stranger"), Key(7));
  const Certificate forged = LeafBy(stranger);
  EXPECT_THAT(Check(forged, root_only, kSignedAt, {Read(stranger.der())}),
              ErrorIs(ErrorCode::kIntegrity));
  // Also where the anchor is not self-signed, so that a partial chain is taken.
  EXPECT_THAT(Check(forged, AnchorOf({authority.der()}), kSignedAt, {Read(stranger.der())}),
              ErrorIs(ErrorCode::kIntegrity));
}

// ratify#2693: somebody's leaf among the roots vouches for nobody, not even for itself.
TEST(CheckPathTest, RefusesALeafAsAnchor) {
  const TestAuthority authority = MakeIntermediate();
  const Certificate leaf = LeafBy(authority);
  const Certificate sibling = Read(authority.Issue({}, Key(5)).der);
  const Anchor anchor = AnchorOf({leaf.der()});
  EXPECT_THAT(Check(leaf, anchor), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(Check(sibling, anchor), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(Check(sibling, anchor, kSignedAt, {Read(authority.der()), Read(MakeRoot().der())}),
              ErrorIs(ErrorCode::kIntegrity));
  IssueWish alone;
  alone.common_name = "self-signed";
  const Certificate self = Read(TestAuthority::Root(alone, Key(2)).der());
  EXPECT_THAT(Check(self, AnchorOf({self.der()})), ErrorIs(ErrorCode::kIntegrity));
}

// A certificate that a signer's own leaf issued.
TEST(CheckPathTest, RefusesALeafAsIssuer) {
  const TestAuthority root = MakeRoot();
  const Issued leaf = root.Issue({.common_name = "signer"}, Key(2));
  const auto rogue = TestAuthority::Of(leaf, root.Chain());
  EXPECT_THAT(Check(LeafBy(rogue), AnchorOf(rogue.Chain())), ErrorIs(ErrorCode::kIntegrity));
}

TEST(CheckPathTest, RefusesAnEmptyAnchor) {
  EXPECT_THAT(Check(LeafBy(MakeRoot()), AnchorOf({})), ErrorIs(ErrorCode::kIntegrity, "is empty"));
}

TEST(CheckPathTest, HoldsNameConstraints) {
  IssueWish wish = IntermediateWish("intermediate", "codeSigning");
  // permittedSubtrees: e-mail addresses at acme.test
  wish.extensions = {
      {"2.5.29.30", std::string("\x30\x0f\xa0\x0d\x30\x0b\x81\x09") + "acme.test", true}};
  const TestAuthority authority = MakeIntermediate(wish);
  const auto by = [&](const std::string& email) {
    const IssueWish leaf = {.names = {{testing::AlternativeName::Kind::kEmail, email}}};
    return Check(LeafBy(authority, leaf), AnchorOf(authority.Chain()));
  };
  EXPECT_THAT(by("me@acme.test"), IsOk());
  EXPECT_THAT(by("me@evil.test"), ErrorIs(ErrorCode::kIntegrity, "permitted subtree"));
}

}  // namespace
}  // namespace xzgate::signature
