// ReadCandidates of candidates.h.

#include <gmock/gmock.h>

#include "tests/scanner/signature/candidates_fixture.h"

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

class ReadCandidatesTest : public CandidatesTest {};

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
              ElementsAre("sig tag " + more.digest.ToString() + ", layer 0"));  // the oldest
}

TEST_F(ReadCandidatesTest, NamesTheFiftyFirst) {
  const auto good = PutBundle(Bundle());
  Refer(good);  // the oldest of all
  for (std::size_t i = 0; i < kMaxCandidates; ++i) Refer(PutJunk(i));
  const auto read = Read();
  EXPECT_THAT(read.tried, SizeIs(kMaxTried));
  EXPECT_THAT(read.not_tried, SizeIs(kMaxCandidates + 1 - kMaxTried));
  EXPECT_THAT(read.not_tried, Contains("referrer " + good.digest.ToString()));
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

}  // namespace
}  // namespace xzgate::signature
