#include "scanner/signature/candidates.h"

#include <gmock/gmock.h>

#include "scanner/signature/statement.h"
#include "tests/scanner/signature/registry_fixture.h"

namespace xzgate::signature {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const std::string kSign(kCosignSignPredicate);

class CandidatesTest : public RegistryFixture {
 protected:
  Result<Listing> List(const oci::Digest& digest = kImage) {
    return ListCandidates(source_, repository_, digest, registry::Access{});
  }
  CandidateList Read(const std::vector<std::string>& wanted = {}, std::size_t max = kMaxTried) {
    const auto listing = List();
    EXPECT_THAT(listing, IsOk());
    return ReadCandidates(source_, repository_, *listing, registry::Access{}, wanted, max);
  }
  static std::vector<oci::Digest> Manifests(const Listing& listing) {
    std::vector<oci::Digest> digests;
    for (const Listed& listed : listing.manifests) digests.push_back(listed.manifest);
    return digests;
  }
  void FailReferrersWith(ErrorCode code) { source_.FailReferrersWith(Error(code, "no")); }
};

class ListCandidatesTest : public CandidatesTest {};
class ReadCandidatesTest : public CandidatesTest {};

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

TEST_F(ReadCandidatesTest, ReadsEveryFormat) {
  TagSig(PutManifest({PutLayer(SimpleSigning())}));
  TagAtt(PutManifest({PutLayer(AttLayer(kSlsa))}));
  Refer(PutBundle(Bundle()));
  const auto read = Read();
  EXPECT_THAT(read.not_tried, IsEmpty());
  std::vector<Format> formats;
  for (const Candidate& candidate : read.tried) {
    ASSERT_THAT(candidate.material, IsOk()) << candidate.ToString();
    formats.push_back(candidate.material->format);
  }
  EXPECT_THAT(formats, ::testing::UnorderedElementsAre(
                           Format::kSimpleSigning, Format::kLegacyAttestation, Format::kBundleV03));
}

TEST_F(ReadCandidatesTest, SaysWhereEachStands) {
  const auto manifest = PutManifest({PutLayer(SimpleSigning(0)), PutLayer(SimpleSigning(1))});
  TagSig(manifest);
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(2));
  EXPECT_EQ(read.tried[0].ToString(), "sig tag " + manifest.digest.ToShort() + ", layer 1");
  EXPECT_EQ(read.tried[1].ToString(), "sig tag " + manifest.digest.ToShort() + ", layer 0");
}

TEST_F(ReadCandidatesTest, PassesOverWhatIsNoSignature) {
  const auto sbom = source_.Put("text/spdx+json", "{}");
  Refer(PutManifest({sbom}, "text/spdx+json"));
  TagSig(PutManifest({source_.Put("application/vnd.oci.image.layer.v1.tar+gzip", "tar")}));
  Refer(PutIndex({}));
  const auto read = Read();
  EXPECT_THAT(read.tried, IsEmpty());
  EXPECT_THAT(read.not_tried, IsEmpty());
  EXPECT_EQ(source_.Fetches(sbom.digest), 0);
}

TEST_F(ReadCandidatesTest, WantsOneLayerOfABundleManifest) {
  const auto one = source_.Put(kBundleType, json::Encode(Bundle(0)));
  const auto two = source_.Put(kBundleType, json::Encode(Bundle(1)));
  Refer(PutManifest({}, kBundleType));
  Refer(PutManifest({one, two}));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(2));
  for (const Candidate& candidate : read.tried) {
    EXPECT_THAT(candidate.material, ErrorIs(ErrorCode::kInvalidArgument, "want 1 layer"));
    EXPECT_THAT(candidate.ToString(), StartsWith("referrer sha256:"));
    EXPECT_THAT(candidate.ToString(), ::testing::Not(HasSubstr("layer")));
  }
  EXPECT_EQ(source_.Fetches(one.digest), 0);
}

TEST_F(ReadCandidatesTest, ReportsABundleOfAnUnknownVersion) {
  const std::string type = "application/vnd.dev.sigstore.bundle.v0.9+json";
  Refer(PutManifest({source_.Put(type, json::Encode(Bundle()))}, type));
  ASSERT_THAT(Read().tried, SizeIs(1));
}

TEST_F(ReadCandidatesTest, TriesOneBundleOnce) {
  const auto blob = source_.Put(kBundleType, json::Encode(Bundle()));
  Refer(PutManifest({blob}, kBundleType));
  Refer(PutManifest({blob}));
  EXPECT_THAT(Read().tried, SizeIs(1));
  EXPECT_EQ(source_.Fetches(blob.digest), 1);
}

TEST_F(ReadCandidatesTest, HoldsTheNumberThatIsTried) {
  std::vector<oci::Descriptor> layers;
  for (std::size_t i = 0; i < kMaxTried; ++i) layers.push_back(PutLayer(SimpleSigning(i)));
  TagSig(PutManifest(layers));
  EXPECT_THAT(Read().tried, SizeIs(kMaxTried));
  EXPECT_THAT(Read().not_tried, IsEmpty());
  layers.push_back(PutLayer(SimpleSigning(kMaxTried)));
  const auto more = PutManifest(layers);
  TagSig(more);
  EXPECT_THAT(Read().tried, SizeIs(kMaxTried));
  EXPECT_THAT(Read().not_tried,
              ElementsAre("sig tag " + more.digest.ToShort() + ", layer 0"));  // the oldest
}

TEST_F(ReadCandidatesTest, NamesTheFiftyFirst) {
  const auto good = PutBundle(Bundle());
  Refer(good);  // the oldest of all
  for (std::size_t i = 0; i < kMaxCandidates; ++i) Refer(PutJunk(i));
  const auto read = Read();
  EXPECT_THAT(read.tried, SizeIs(kMaxTried));
  EXPECT_THAT(read.not_tried, SizeIs(kMaxCandidates + 1 - kMaxTried));
  EXPECT_THAT(read.not_tried, Contains("referrer " + good.digest.ToShort()));
  EXPECT_EQ(source_.Fetches(good.digest), 0);
}

TEST_F(ReadCandidatesTest, BoundsWhatItNames) {
  std::vector<oci::Descriptor> layers(oci::kMaxLayers, PutLayer(SimpleSigning()));
  TagSig(PutManifest(layers));
  const auto read = Read();
  EXPECT_THAT(read.not_tried, SizeIs(201));
  EXPECT_EQ(read.not_tried.back(), "and 46 more");
}

TEST_F(ReadCandidatesTest, SaysThatThereWereMore) {
  const auto read = ReadCandidates(
      source_, repository_, {.manifests = {}, .beyond = {}, .has_more = true}, registry::Access{});
  EXPECT_THAT(read.not_tried, ElementsAre("more that were not looked at"));
  EXPECT_FALSE(read.only_simple_not_tried);
}

// Many of one kind do not keep the others from being read.
TEST_F(ReadCandidatesTest, LetsKindsTakeTurns) {
  std::vector<oci::Descriptor> many(20, PutLayer(SimpleSigning(1)));
  TagSig(PutManifest(many));
  TagAtt(PutManifest({PutLayer(AttLayer(kSlsa))}));
  const auto bundle = PutBundle(Bundle());
  Refer(bundle);
  const auto read = Read();
  std::vector<Place> places;
  for (const Candidate& candidate : read.tried) places.push_back(candidate.place);
  EXPECT_THAT(places, Contains(Place::kAttTag));
  EXPECT_THAT(places, Contains(Place::kReferrer));
}

TEST_F(ReadCandidatesTest, TriesWhatIsWantedFirst) {
  const auto provenance = PutBundle(Attestation(kSlsa), kSlsa);
  Refer(provenance);
  for (std::size_t i = 0; i < 30; ++i) Refer(PutJunk(i, "https://example/" + std::to_string(i)));
  EXPECT_EQ(Read({kSlsa}).tried[0].manifest, provenance.digest);
  EXPECT_THAT(Read({kSlsa}).tried, SizeIs(kMaxTried));  // a hint keeps nothing out
}

TEST_F(ReadCandidatesTest, TriesAsManyAttestationsAsItIsTold) {
  std::vector<oci::Descriptor> signatures(kMaxTried + 1, PutLayer(SimpleSigning()));
  TagSig(PutManifest(signatures));
  for (std::size_t i = 0; i < kMaxCandidates - kMaxTried; ++i) Refer(PutJunk(i, kVuln));
  const auto read = Read({kVuln}, kMaxCandidates);
  EXPECT_THAT(read.tried, SizeIs(kMaxCandidates));
  EXPECT_THAT(read.not_tried, SizeIs(1));
  EXPECT_TRUE(read.only_simple_not_tried);
  for (std::size_t i = 0; i < kMaxTried; ++i) Refer(PutJunk(kMaxCandidates + i, kSlsa));
  EXPECT_FALSE(Read({kVuln}, kMaxCandidates).only_simple_not_tried);
  EXPECT_FALSE(Read({kVuln}).only_simple_not_tried);
}

// A manifest that names somebody's bundle with a wrong size does not take its place.
TEST_F(ReadCandidatesTest, AWrongSizeHidesNoBundle) {
  const auto blob = source_.Put(kBundleType, json::Encode(Bundle()));
  auto wrong = blob;
  wrong.size = 10'000'000'000;
  Refer(PutManifest({blob}, kBundleType));
  Refer(PutManifest({wrong}, kBundleType));  // the newest
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(2));
  EXPECT_TRUE(read.tried[0].material.has_value() || read.tried[1].material.has_value());
}

TEST_F(ReadCandidatesTest, CallsAManifestOfTooManyLayersUnreadable) {
  const oci::Descriptor layer = PutLayer(SimpleSigning());
  TagSig(PutManifest(std::vector(oci::kMaxLayers + 1, layer)));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(1));
  EXPECT_THAT(read.tried[0].material,
              ErrorIs(ErrorCode::kResourceExhausted, "layers: 257, want at most 256"));
  EXPECT_EQ(source_.Fetches(layer.digest), 0);
}

// CVE-2024-29903: a manifest that holds five million layers.
TEST_F(ReadCandidatesTest, RefusesAManifestOfMillionsOfLayersByItsBytes) {
  std::string manifest = R"({"schemaVersion":2,"config":{},"layers":[)";
  for (int i = 0; i < 5'000'000; ++i) manifest += "{},";
  manifest.back() = ']';
  TagSig(source_.Put(std::string(oci::kOciManifest), manifest + "}"));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(1));
  EXPECT_THAT(read.tried[0].material, ErrorIs(ErrorCode::kResourceExhausted));
}

// CVE-2024-29902: what is declared is not asked for.
TEST_F(ReadCandidatesTest, AsksForNoBlobThatIsTooLarge) {
  auto payload = PutLayer(SimpleSigning());
  auto bundle = source_.Put(kBundleType, json::Encode(Bundle()));
  payload.size = 1024 * 1024 + 1;
  bundle.size = 10'000'000'000;
  TagSig(PutManifest({payload}));
  Refer(PutManifest({bundle}, kBundleType));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(2));
  for (const Candidate& candidate : read.tried)
    EXPECT_THAT(candidate.material, ErrorIs(ErrorCode::kResourceExhausted, "want at most"));
  EXPECT_EQ(source_.Fetches(payload.digest), 0);
  EXPECT_EQ(source_.Fetches(bundle.digest), 0);
}

TEST_F(ReadCandidatesTest, BoundsAllBlobsTogether) {
  constexpr std::uint64_t kEach = 16 * 1024 * 1024;  // kMaxBundleBytes
  for (std::uint64_t i = 0; i <= kMaxCandidateBytes / kEach; ++i) {
    auto blob = source_.Put(kBundleType, std::to_string(i));
    blob.size = kEach;
    Refer(PutManifest({blob}, kBundleType));
  }
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(kMaxCandidateBytes / kEach + 1));
  EXPECT_THAT(read.tried.back().material,
              ErrorIs(ErrorCode::kResourceExhausted, "of all candidates together"));
}

TEST_F(ReadCandidatesTest, KeepsWhatCouldNotBeAskedForApart) {
  const auto lost = PutBundle(Bundle(0));
  const auto blob = source_.Put(kBundleType, json::Encode(Bundle(1)));
  const auto other = PutManifest({blob}, kBundleType);
  Refer(lost);
  Refer(other);
  source_.FailOn(lost.digest, Error(ErrorCode::kUnavailable, "status 500"));
  source_.FailOn(blob.digest, Error(ErrorCode::kNotFound, "status 404"));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(2));
  EXPECT_THAT(read.tried[0].material, ErrorIs(ErrorCode::kNotFound));
  EXPECT_THAT(read.tried[1].material, ErrorIs(ErrorCode::kUnavailable));
  EXPECT_FALSE(IsUnanswered(read.tried[0].material.error()));
  EXPECT_TRUE(IsUnanswered(read.tried[1].material.error()));
}

TEST_F(ReadCandidatesTest, SaysThatTheBytesAreOthers) {
  const auto manifest = PutBundle(Bundle());
  Refer(manifest);
  source_.FailOn(manifest.digest, Error(ErrorCode::kIntegrity, "found digest"));
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(1));
  EXPECT_THAT(read.tried[0].material, ErrorIs(ErrorCode::kIntegrity));
  EXPECT_FALSE(IsUnanswered(read.tried[0].material.error()));
}

TEST_F(ReadCandidatesTest, RefusesSchema1) {
  TagSig(source_.Put("application/vnd.docker.distribution.manifest.v1+prettyjws",
                     R"({"schemaVersion":1})"));
  ASSERT_THAT(Read().tried, SizeIs(1));
  EXPECT_THAT(Read().tried[0].material, ErrorIs(ErrorCode::kUnsupported, "schema 1"));
}

// What is readable comes first, so that dangling entries take no place from it.
TEST_F(ReadCandidatesTest, TriesWhatIsThereBeforeWhatIsGone) {
  const auto good = PutBundle(Bundle());
  Refer(good);
  for (std::size_t i = 0; i < 20; ++i) {
    const auto gone = PutJunk(i);
    Refer(gone);
    source_.Remove(gone.digest);
  }
  const auto read = Read();
  ASSERT_THAT(read.tried, SizeIs(kMaxTried));
  EXPECT_EQ(read.tried[0].manifest, good.digest);
  EXPECT_THAT(read.tried[0].material, IsOk());
  EXPECT_THAT(read.not_tried, SizeIs(11));
}

// All is asked for by digest, whatever the tag names by then.
TEST_F(ReadCandidatesTest, ReadsWhatTheTagNamedWhenItWasListed) {
  const auto first = PutManifest({PutLayer(SimpleSigning(0))});
  TagSig(first);
  const auto listing = List();
  TagSig(PutManifest({PutLayer(SimpleSigning(1))}));
  const auto read = ReadCandidates(source_, repository_, *listing, registry::Access{});
  ASSERT_THAT(read.tried, SizeIs(1));
  EXPECT_EQ(read.tried[0].manifest, first.digest);
}

// signatures.md 10.5, item 9: a layer's urls are never followed.
TEST_F(ReadCandidatesTest, FollowsNoUrlsOfALayer) {
  auto layer = Entry(PutLayer(SimpleSigning()));
  layer.emplace_back("urls", json::Array{"https://evil.example/x"});
  layer.emplace_back("data", "AAAA");
  TagSig(PutDocument(
      oci::kOciManifest,
      json::Object{{"schemaVersion", 2},
                   {"config", Entry(source_.Put("application/vnd.oci.empty.v1+json", "{}"))},
                   {"layers", json::Array{std::move(layer)}}}));
  ASSERT_THAT(Read().tried, SizeIs(1));
  EXPECT_THAT(Read().tried[0].material, IsOk());
}

Listing SomeListing() {
  return {.manifests = {{Place::kSigTag, kImage}, {Place::kFallbackTag, kOtherImage, kSlsa}},
          .beyond = {{Place::kReferrer, oci::Digest::Of(AsBytes(std::string_view("x")))}},
          .has_more = true};
}

TEST(ListingTest, IsReadAsItWasWritten) {
  const auto again = ListingFromJson(ToJson(SomeListing()));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->manifests, SomeListing().manifests);
  EXPECT_EQ(again->beyond, SomeListing().beyond);
  EXPECT_TRUE(again->has_more);
}

TEST(ListingTest, RefusesWhatIsNone) {
  const json::Value good = ToJson(SomeListing());
  EXPECT_THAT(ListingFromJson(json::Value("x")), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ListingFromJson(json::Object{}), ErrorIs(ErrorCode::kInvalidArgument));
  for (const auto& [path, value] :
       {std::pair{"has_more", json::Value("x")}, std::pair{"manifests", json::Value("x")},
        std::pair{"manifests.0.place", json::Value("nowhere")},
        std::pair{"manifests.0.manifest", json::Value("sha256:0")},
        std::pair{"manifests.0.hint", json::Value(1)},
        std::pair{"manifests.0", json::Value("x")}}) {
    EXPECT_THAT(ListingFromJson(testing::With(good, path, value)),
                ErrorIs(ErrorCode::kInvalidArgument))
        << path;
  }
  json::Value unknown = good;
  unknown.AsObject()->emplace_back("x", 1);
  EXPECT_THAT(ListingFromJson(unknown), ErrorIs(ErrorCode::kInvalidArgument, "\"x\""));
}

TEST(ListingTest, HoldsItsLimits) {
  Listing listing{.manifests = std::vector(kMaxCandidates, Listed{Place::kReferrer, kImage}),
                  .beyond = std::vector(kMaxBeyond, Listed{Place::kReferrer, kImage})};
  EXPECT_THAT(ListingFromJson(ToJson(listing)), IsOk());
  listing.beyond.push_back(listing.beyond.back());
  EXPECT_THAT(ListingFromJson(ToJson(listing)), ErrorIs(ErrorCode::kResourceExhausted, "beyond"));
}

TEST(ListingTest, FingerprintIsOfTheDigestsAlone) {
  Listing listing = SomeListing();
  const std::string before = listing.Fingerprint();
  EXPECT_THAT(before, SizeIs(64));
  std::swap(listing.manifests[0], listing.manifests[1]);
  listing.manifests[0].hint.clear();
  EXPECT_EQ(listing.Fingerprint(), before);
  listing.has_more = false;
  EXPECT_NE(listing.Fingerprint(), before);
  listing.has_more = true;
  listing.beyond.clear();
  EXPECT_NE(listing.Fingerprint(), before);
}

TEST(PlaceTest, HasWords) {
  EXPECT_EQ(ToString(Place::kSigTag), "sig tag");
  EXPECT_EQ(ToString(Place::kAttTag), "att tag");
  EXPECT_EQ(ToString(Place::kReferrer), "referrer");
  EXPECT_EQ(ToString(Place::kFallbackTag), "fallback tag");
}

}  // namespace
}  // namespace xzgate::signature
