#include "scanner/signature/candidates.h"

#include <gmock/gmock.h>

#include "scanner/signature/statement.h"
#include "tests/scanner/signature/candidates_fixture.h"

namespace xzgate::signature {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const std::string kSign(kCosignSignPredicate);

class ListCandidatesTest : public CandidatesTest {};

TEST_F(ListCandidatesTest, FindsNothing) {
  const auto listing = List();
  ASSERT_THAT(listing, IsOk());
  EXPECT_THAT(listing->manifests, IsEmpty());
  EXPECT_FALSE(listing->has_more);
}

TEST_F(ListCandidatesTest, FindsEveryPlace) {
  const auto sig = PutManifest({PutLayer(SimpleSigning())});
  const auto att = PutManifest({PutLayer(AttLayer(kSlsa))});
  const auto referrer = PutBundle(Bundle(0));
  const auto fallback = PutBundle(Bundle(1));
  TagSig(sig);
  TagAtt(att);
  Refer(referrer);
  TagFallback(PutIndex({fallback}));
  const auto listing = List();
  ASSERT_THAT(listing, IsOk());
  ASSERT_THAT(listing->manifests, SizeIs(4));
  EXPECT_EQ(listing->manifests[0], (Listed{Place::kSigTag, sig.digest}));
  EXPECT_EQ(listing->manifests[1], (Listed{Place::kAttTag, att.digest}));
  EXPECT_THAT(listing->manifests, Contains(Listed{Place::kReferrer, referrer.digest}));
  EXPECT_THAT(listing->manifests, Contains(Listed{Place::kFallbackTag, fallback.digest}));
}

TEST_F(ListCandidatesTest, AsksTheFallbackTagWhereThereIsNoApi) {
  FailReferrersWith(ErrorCode::kUnsupported);
  const auto bundle = PutBundle(Bundle());
  TagFallback(PutIndex({bundle}));
  EXPECT_THAT(List()->manifests, ElementsAre(Listed{Place::kFallbackTag, bundle.digest}));
}

// kyverno#16678: an empty list while the fallback tag exists.
TEST_F(ListCandidatesTest, AsksTheFallbackTagWhereTheListIsEmpty) {
  const auto bundle = PutBundle(Bundle());
  TagFallback(PutIndex({bundle}));
  EXPECT_THAT(List()->manifests, ElementsAre(Listed{Place::kFallbackTag, bundle.digest}));
  EXPECT_EQ(source_.referrer_lists(), 1);
}

TEST_F(ListCandidatesTest, NamesAManifestOnce) {
  const auto bundle = PutBundle(Bundle());
  Refer(bundle);
  Refer(bundle);
  TagFallback(PutIndex({bundle, bundle}));
  EXPECT_THAT(List()->manifests, ElementsAre(Listed{Place::kReferrer, bundle.digest}));
}

// sigstore/cosign#4641: the index's artifactType is often wrong.
TEST_F(ListCandidatesTest, FiltersByNoType) {
  for (const std::string type : {"", "application/vnd.oci.empty.v1+json", "text/spdx"}) {
    auto bundle = PutBundle(json::Object{{"of", type}});
    bundle.artifact_type = type;
    Refer(bundle);
  }
  EXPECT_THAT(List()->manifests, SizeIs(3));
}

TEST_F(ListCandidatesTest, TakesTurnsOfTypesNewestFirstAndSignaturesFirst) {
  const auto old_vuln = PutJunk(1, kVuln);
  const auto new_vuln = PutJunk(2, kVuln);
  auto sbom = PutJunk(3);
  sbom.artifact_type = "text/spdx+json";
  const auto provenance = PutJunk(4, kSlsa);
  const auto signature = PutBundle(Bundle(), kSign);
  for (const auto& each : {signature, old_vuln, provenance, new_vuln, sbom}) Refer(each);
  EXPECT_THAT(Manifests(*List()), ElementsAre(signature.digest, new_vuln.digest, provenance.digest,
                                              old_vuln.digest, sbom.digest));
}

TEST_F(ListCandidatesTest, TrustsADateBeforeAPosition) {
  const auto newer = PutBundle(json::Object{{"a", 1}}, kVuln, "2026-02-01T00:00:00Z");
  const auto older = PutBundle(json::Object{{"a", 2}}, kVuln, "2026-01-01T00:00:00Z");
  Refer(newer);
  Refer(older);
  EXPECT_THAT(Manifests(*List()), ElementsAre(newer.digest, older.digest));
}

TEST_F(ListCandidatesTest, NamesWhatIsBeyondItsLimits) {
  for (std::size_t i = 0; i < kMaxCandidates; ++i) Refer(PutJunk(i));
  EXPECT_THAT(List()->manifests, SizeIs(kMaxCandidates));
  EXPECT_THAT(List()->beyond, IsEmpty());
  for (std::size_t i = 0; i < kMaxBeyond; ++i) Refer(PutJunk(1000 + i));
  EXPECT_THAT(List()->manifests, SizeIs(kMaxCandidates));
  EXPECT_THAT(List()->beyond, SizeIs(kMaxBeyond));
  EXPECT_FALSE(List()->has_more);
  Refer(PutJunk(5000));
  EXPECT_THAT(List()->beyond, SizeIs(kMaxBeyond));
  EXPECT_TRUE(List()->has_more);
}

TEST_F(ListCandidatesTest, BoundsTenThousandReferrers) {
  const auto junk = PutJunk(1);
  for (int i = 0; i < 10'000; ++i) {
    auto copy = junk;
    copy.digest = oci::Digest::Of(AsBytes(std::to_string(i)));
    Refer(copy);
  }
  const auto listing = List();
  ASSERT_THAT(listing, IsOk());
  EXPECT_THAT(listing->manifests, SizeIs(kMaxCandidates));
  EXPECT_THAT(listing->beyond, SizeIs(kMaxBeyond));
  EXPECT_TRUE(listing->has_more);
}

// Nobody knows then whether it is signed.
TEST_F(ListCandidatesTest, FailsWhereTheRegistryDoes) {
  for (const ErrorCode code :
       {ErrorCode::kUnavailable, ErrorCode::kDeadlineExceeded, ErrorCode::kUnauthenticated,
        ErrorCode::kPermissionDenied, ErrorCode::kInvalidArgument}) {
    FailReferrersWith(code);
    EXPECT_THAT(List(), ErrorIs(code));
  }
}

TEST_F(ListCandidatesTest, FailsWhereOneTagDoes) {
  for (const std::string suffix : {".sig", ".att", ""}) {
    testing::FakeImageSource source;
    source.FailOn(TagOf(kImage, suffix), Error(ErrorCode::kUnavailable, "status 500"));
    EXPECT_THAT(ListCandidates(source, repository_, kImage, registry::Access{}),
                ErrorIs(ErrorCode::kUnavailable))
        << suffix;
  }
}

TEST_F(ListCandidatesTest, FailsWhereTheFallbackIndexCannotBeAskedFor) {
  const auto index = PutIndex({PutBundle(Bundle())});
  TagFallback(index);
  source_.FailOn(index.digest, Error(ErrorCode::kUnavailable, "status 500"));
  EXPECT_THAT(List(), ErrorIs(ErrorCode::kUnavailable));
  source_.FailOn(index.digest, Error(ErrorCode::kNotFound, "gone"));
  EXPECT_THAT(List()->manifests, IsEmpty());
}

TEST_F(ListCandidatesTest, ListsAFallbackTagThatIsNoIndex) {
  const auto junk = source_.Put(std::string(oci::kOciIndex), "junk");
  TagFallback(junk);
  EXPECT_THAT(List()->manifests, ElementsAre(Listed{Place::kFallbackTag, junk.digest}));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(1));
  EXPECT_THAT(read.tried[0].material, ErrorIs(ErrorCode::kInvalidArgument));
}

TEST_F(ListCandidatesTest, ListsAFallbackIndexThatIsTooLarge) {
  const auto junk = PutJunk(1);
  TagFallback(junk);
  source_.FailOn(junk.digest, Error(ErrorCode::kResourceExhausted, "5 MiB"));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(1));
  EXPECT_THAT(read.tried[0].material, ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(ListCandidatesTest, ReadsAFallbackIndexOfMoreThanAnImageMayHave) {
  std::vector<oci::Descriptor> many;
  for (std::size_t i = 0; i < oci::kMaxPlatforms + 10; ++i) many.push_back(PutJunk(i));
  TagFallback(PutIndex(many));
  EXPECT_THAT(List()->manifests, SizeIs(kMaxCandidates));
  EXPECT_THAT(List()->beyond, SizeIs(many.size() - kMaxCandidates));
}

// Tags cannot hold a whole SHA-512: distribution-spec, "Referrers Tag Schema".
TEST_F(ListCandidatesTest, CutsALongDigestForTheFallbackTag) {
  const auto digest = oci::Digest::Of(AsBytes(std::string_view("x")), crypto::Algorithm::kSha512);
  const auto bundle = PutBundle(Bundle());
  source_.Tag("reg.example/shop/api:sha512-" + digest.hex().substr(0, 64),
              PutIndex({bundle}).digest);
  EXPECT_THAT(List(digest)->manifests, ElementsAre(Listed{Place::kFallbackTag, bundle.digest}));
}

TEST_F(ListCandidatesTest, LooksInTheRepositoryThatItIsGiven) {
  const auto sig = PutManifest({PutLayer(SimpleSigning())});
  source_.Tag("signatures.example/all:sha256-" + kImage.hex() + ".sig", sig.digest);
  EXPECT_THAT(List()->manifests, IsEmpty());
  const auto listing =
      ListCandidates(source_, {"signatures.example", "all"}, kImage, registry::Access{});
  EXPECT_THAT(listing->manifests, ElementsAre(Listed{Place::kSigTag, sig.digest}));
}

TEST_F(ListCandidatesTest, IgnoresAHintThatIsTooLong) {
  Refer(PutJunk(1, std::string(kMaxHintBytes, 'x')));
  Refer(PutJunk(2, std::string(kMaxHintBytes + 1, 'x')));
  const auto listing = List();
  std::vector<std::size_t> sizes;
  for (const Listed& listed : listing->manifests) sizes.push_back(listed.hint.size());
  EXPECT_THAT(sizes, ::testing::UnorderedElementsAre(0U, kMaxHintBytes));
}

}  // namespace
}  // namespace xzgate::signature
