#include "scanner/signature/image_verifier.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/scanner/signature/registry_fixture.h"
#include "tests/support/fake_clock.h"

namespace xzgate::signature {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::xzgate::testing::FakeClock;

class MemoryListings final : public ListingMemory {
 public:
  Result<std::optional<Listing>> FindListing(const oci::PinnedReference& subject) override {
    if (broken) return Unavailable("disk full");
    const auto found = kept.find(subject);
    if (found == kept.end()) return std::optional<Listing>();
    return std::optional(found->second);
  }
  Result<void> PutListing(const oci::PinnedReference& subject, const Listing& listing,
                          WallTime) override {
    if (broken) return Unavailable("disk full");
    kept.insert_or_assign(subject, listing);
    return {};
  }

  std::map<oci::PinnedReference, Listing> kept;
  bool broken = false;
};

// Images that must be signed by Key(0), "release-key".
class ImageVerifierTest : public RegistryFixture {
 protected:
  static Requirement Wanting(bool verify_children = false) {
    Requirement requirement;
    requirement.name = "policy";
    requirement.authorities.push_back(std::make_shared<const Authority>(ByKey(Key())));
    requirement.signatures = Group{.at_least = 1, .authorities = {"release-key"}, .groups = {}};
    requirement.verify_children = verify_children;
    return requirement;
  }
  Report Verify(const Requirement& requirement, const oci::Digest& of = kImage) {
    return verifier_.Verify({repository_, of}, requirement, registry::Access{});
  }
  Report Verify(const oci::Digest& of = kImage) { return Verify(Wanting(), of); }
  Report VerifyOffline(const Requirement& requirement = Wanting(), const oci::Digest& of = kImage) {
    return verifier_.VerifyOffline({repository_, of}, requirement);
  }

  // An image of an index; `number` makes it another one.
  oci::Descriptor PutImage(std::size_t number, const std::string& os = "linux") {
    oci::Descriptor image = PutManifest({source_.Put("application/vnd.oci.image.layer.v1.tar+gzip",
                                                     "layer " + std::to_string(number))});
    image.platform = oci::Platform{.os = os, .architecture = "amd64", .variant = ""};
    return image;
  }
  oci::Descriptor PutBuildxAttestation(const std::string& os = "unknown") {
    oci::Descriptor manifest = PutManifest({source_.Put("application/vnd.in-toto+json", "{}")});
    manifest.platform = oci::Platform{.os = os, .architecture = "unknown", .variant = ""};
    return manifest;
  }
  void Sign(const oci::Digest& digest, std::size_t number = 0) {
    Refer(PutBundle(Bundle(number, digest)), digest);
  }

  MemoryListings memory_;
  FakeClock clock_{testing::kNow};
  ImageVerifier verifier_{source_, &memory_, clock_};
};

TEST_F(ImageVerifierTest, VerifiesTheSigTag) {
  TagSig(PutManifest({PutLayer(SimpleSigning())}));
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kVerified) << report.detail();
  EXPECT_THAT(report.vouched_by(), ElementsAre("release-key"));
  EXPECT_EQ(report.made(), testing::kNow);
}

TEST_F(ImageVerifierTest, VerifiesAReferrer) {
  Refer(PutBundle(Bundle()));
  EXPECT_EQ(Verify().outcome(), Outcome::kVerified);
}

TEST_F(ImageVerifierTest, VerifiesByTheFallbackTagWhereThereIsNoApi) {
  source_.FailReferrersWith(Error(ErrorCode::kUnsupported, "status 404"));
  TagFallback(PutIndex({PutBundle(Bundle())}));
  EXPECT_EQ(Verify().outcome(), Outcome::kVerified);
}

TEST_F(ImageVerifierTest, VerifiesInAnotherRepository) {
  const auto sig = PutManifest({PutLayer(SimpleSigning())});
  source_.Tag("signatures.example/all:sha256-" + kImage.hex() + ".sig", sig.digest);
  Requirement requirement = Wanting();
  EXPECT_EQ(Verify(requirement).outcome(), Outcome::kUnsigned);
  requirement.signature_repository = oci::Repository{"signatures.example", "all"};
  EXPECT_EQ(Verify(requirement).outcome(), Outcome::kVerified);
  EXPECT_TRUE(memory_.kept.contains({{"signatures.example", "all"}, kImage}));
}

TEST_F(ImageVerifierTest, CallsAnImageWithoutAnythingUnsigned) {
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kUnsigned);
  EXPECT_EQ(report.reason(), Reason::kUnsigned);
  EXPECT_EQ(report.listing(), Listing{}.Fingerprint());
}

// docs/reasons.md promises the code to whoever looks it up.
TEST_F(ImageVerifierTest, NamesTheCodeOfTheRegistrysFailure) {
  source_.FailWith(Error(ErrorCode::kPermissionDenied, "403"));
  const Report report = Verify();
  EXPECT_EQ(report.reason(), Reason::kRegistry);
  EXPECT_EQ(report.detail(), "403 [RG003 forbidden]");
}

// signatures.md 10.5, item 8.
TEST_F(ImageVerifierTest, AcceptsAGoodOneBesideABadOne) {
  TagSig(PutManifest({PutLayer(SimpleSigning(1))}));
  Refer(PutJunk(1));
  Refer(PutBundle(Bundle()));
  EXPECT_EQ(Verify().outcome(), Outcome::kVerified);
}

TEST_F(ImageVerifierTest, DeniesStrangersAndJunk) {
  TagSig(PutManifest({PutLayer(SimpleSigning(1))}));
  Refer(PutJunk(1));
  Refer(PutBundle(Bundle(2)));
  EXPECT_EQ(Verify().outcome(), Outcome::kWronglySigned);
}

TEST_F(ImageVerifierTest, DeniesTheSignatureOfAnotherImage) {
  TagSig(PutManifest({PutLayer(SimpleSigning(0, kOtherImage))}));
  Refer(PutBundle(Bundle(0, kOtherImage)));
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kClaims);
}

// CVE-2023-33957: there is an end, and it is a denial.
TEST_F(ImageVerifierTest, DeniesWhereTheGoodOneIsTheFiftyFirst) {
  Refer(PutBundle(Bundle()));
  for (std::size_t i = 0; i < kMaxCandidates; ++i) Refer(PutJunk(i));
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kTooMany);
  EXPECT_THAT(report.detail(), HasSubstr("not tried"));
}

struct FailureCase {
  std::string name;
  ErrorCode code;
};
class RegistryFailure : public ImageVerifierTest,
                        public ::testing::WithParamInterface<FailureCase> {};

TEST_P(RegistryFailure, IsUndecidedAndNeverUnsigned) {
  source_.FailWith(Error(GetParam().code, "the registry said no"));
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_EQ(report.reason(), Reason::kRegistry);
  EXPECT_THAT(report.detail(), HasSubstr("the registry said no"));
  EXPECT_THAT(memory_.kept, IsEmpty());
}

TEST_P(RegistryFailure, OfOneCandidateIsUndecidedToo) {
  const auto lost = PutBundle(Bundle());
  Refer(lost);
  source_.FailOn(lost.digest, Error(GetParam().code, "the registry said no"));
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_EQ(report.reason(), Reason::kRegistry);
}

TEST_P(RegistryFailure, OfOneCandidateCostsNothingWhereTheRestIsEnough) {
  const auto lost = PutBundle(Bundle());
  Refer(lost);
  source_.FailOn(lost.digest, Error(GetParam().code, "the registry said no"));
  TagSig(PutManifest({PutLayer(SimpleSigning())}));
  EXPECT_EQ(Verify().outcome(), Outcome::kVerified);
}

INSTANTIATE_TEST_SUITE_P(Codes, RegistryFailure,
                         ::testing::Values(FailureCase{"ServerError", ErrorCode::kUnavailable},
                                           FailureCase{"Late", ErrorCode::kDeadlineExceeded},
                                           FailureCase{"Unauthorized", ErrorCode::kUnauthenticated},
                                           FailureCase{"Forbidden", ErrorCode::kPermissionDenied}),
                         [](const auto& test) { return test.param.name; });

// The same call that says "no such tag" says "no such manifest" of one that was listed.
// Whoever may push can name what is not there: that leaves nothing undecided.
TEST_F(ImageVerifierTest, TellsAMissingTagFromAMissingManifest) {
  EXPECT_EQ(Verify().outcome(), Outcome::kUnsigned);
  const auto gone = PutBundle(Bundle());
  TagFallback(PutIndex({gone}));
  source_.Remove(gone.digest);
  EXPECT_EQ(Verify().outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(Verify().reason(), Reason::kMalformed);
}

TEST_F(ImageVerifierTest, CallsASignatureWithoutItsBlobMalformed) {
  const auto layer = PutLayer(SimpleSigning());
  TagSig(PutManifest({layer}));
  source_.Remove(layer.digest);
  EXPECT_EQ(Verify().outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(Verify().reason(), Reason::kMalformed);
}

class NewestTest : public ImageVerifierTest {
 protected:
  // Scans of which the newest by "release-key" must say that all is well.
  static Requirement WantingScan() {
    Requirement requirement = Wanting();
    requirement.signatures.reset();
    requirement.attestations.push_back(
        {.predicate_type = kVuln,
         .by = {.at_least = 1, .authorities = {"release-key"}, .groups = {}},
         .conditions = {{.pointer = "/ok", .kind = Condition::Kind::kOneOf, .texts = {"true"}}}});
    return requirement;
  }
  // `note` makes it another one.
  static json::Value Scan(bool ok, std::size_t note = 0) {
    return Sigstore().DsseBundle(
        testing::Statement(kImage.ToString(), kVuln, json::Object{{"ok", ok}, {"note", note}}),
        KeyWish(Key()));
  }
  oci::Descriptor PutScan(bool ok, std::size_t note = 0, const std::string& hint = kVuln) {
    return PutBundle(Scan(ok, note), hint);
  }
};

TEST_F(NewestTest, NightlyScansAreReadUpToTheLimit) {
  for (std::size_t i = 0; i < kMaxCandidates; ++i) Refer(PutScan(true, i));
  const Report report = Verify(WantingScan());
  EXPECT_EQ(report.outcome(), Outcome::kVerified) << report.detail();
  EXPECT_THAT(report.not_tried(), IsEmpty());
  Refer(PutScan(true, kMaxCandidates));
  EXPECT_EQ(Verify(WantingScan()).reason(), Reason::kTooMany);
}

// What was pushed later is read first, and claims any type.
TEST_F(NewestTest, AFloodHidesNoNo) {
  for (const std::string& hint : {kVuln, kSlsa, std::string()}) {
    Refer(PutScan(false, 0, hint));
    for (std::size_t i = 0; i < kMaxTried; ++i) {
      Refer(PutJunk(i, kVuln));
      Refer(PutScan(true, i));
      EXPECT_NE(Verify(WantingScan()).outcome(), Outcome::kVerified);
    }
    for (std::size_t i = kMaxTried; i < kMaxCandidates; ++i) Refer(PutJunk(i, kVuln));
    EXPECT_NE(Verify(WantingScan()).outcome(), Outcome::kVerified);
  }
}

TEST_F(NewestTest, LargeLayersHideNoNo) {
  constexpr std::uint64_t kEach = 16 * 1024 * 1024;  // kMaxBundleBytes
  const json::Value yes = Scan(true);
  Refer(PutScan(false));
  for (std::uint64_t i = 0; i < kMaxCandidateBytes / kEach; ++i) {
    auto blob = source_.Put(kBundleType, std::to_string(i));
    blob.size = i == 0 ? kEach - json::Encode(yes).size() : kEach;  // the one that says yes fits
    auto manifest = PutManifest({blob}, kBundleType);
    manifest.artifact_type = kBundleType;
    manifest.annotations = {{"dev.sigstore.bundle.predicateType", kVuln}};
    Refer(manifest);
  }
  Refer(PutBundle(yes, kVuln));
  const Report report = Verify(WantingScan());
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kTooMany);
}

TEST_F(NewestTest, AnOutageHidesNoNo) {
  const auto no = PutScan(false);
  Refer(PutScan(true));
  Refer(no);
  source_.FailOn(no.digest, Error(ErrorCode::kUnavailable, "status 500"));
  const Report report = Verify(WantingScan());
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_EQ(report.reason(), Reason::kRegistry);
}

TEST_F(ImageVerifierTest, DeniesWhereTheManifestsBytesAreOthers) {
  const auto manifest = PutBundle(Bundle());
  Refer(manifest);
  source_.FailOn(manifest.digest, Error(ErrorCode::kIntegrity, "found digest"));
  const Report report = Verify();
  EXPECT_EQ(report.outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report.reason(), Reason::kMalformed);
}

// CVE-2022-47633: what was listed is what is read, whatever the tag names a moment later.
TEST_F(ImageVerifierTest, ReadsWhatTheTagNamedFirst) {
  const auto stranger = PutManifest({PutLayer(SimpleSigning(1))});
  const auto good = PutManifest({PutLayer(SimpleSigning(0))});
  TagSig(stranger);
  int calls = 0;
  source_.OnResolve([&](const oci::Reference& reference, const registry::Access&) {
    if (reference.tag()->ends_with(".sig") && ++calls == 2) TagSig(good);
    return std::optional<Error>();
  });
  EXPECT_EQ(Verify().outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(calls, 1);  // one resolve for one verification
  EXPECT_EQ(Verify().outcome(), Outcome::kVerified);
}

TEST_F(ImageVerifierTest, ABrokenMemoryCostsNothing) {
  memory_.broken = true;
  Refer(PutBundle(Bundle()));
  EXPECT_EQ(Verify().outcome(), Outcome::kVerified);
  EXPECT_EQ(VerifyOffline().outcome(), Outcome::kUndecided);
}

TEST_F(ImageVerifierTest, AnswersOfflineWhatItHasSeen) {
  Refer(PutBundle(Bundle()));
  EXPECT_EQ(VerifyOffline().reason(), Reason::kRegistry);
  EXPECT_THAT(VerifyOffline().detail(), HasSubstr("never seen"));
  const Report online = Verify();
  const int lists = source_.referrer_lists();
  const int resolves = source_.resolves();
  const Report offline = VerifyOffline();
  EXPECT_EQ(offline.outcome(), Outcome::kVerified);
  EXPECT_EQ(offline.listing(), online.listing());
  EXPECT_EQ(source_.referrer_lists(), lists);
  EXPECT_EQ(source_.resolves(), resolves);
}

TEST_F(ImageVerifierTest, OfflineNeedsWhatWasKept) {
  Refer(PutBundle(Bundle()));
  (void)Verify();
  source_.FailWith(Error(ErrorCode::kUnavailable, "not kept"));
  EXPECT_EQ(VerifyOffline().outcome(), Outcome::kUndecided);
  const ImageVerifier forgetful(source_, nullptr, clock_);
  const Report report = forgetful.VerifyOffline({repository_, kImage}, Wanting());
  EXPECT_EQ(report.outcome(), Outcome::kUndecided);
  EXPECT_THAT(report.detail(), HasSubstr("nothing is kept"));
}

class ChildrenTest : public ImageVerifierTest {};

// signatures.md 10.5, item 10.
TEST_F(ChildrenTest, ASignedIndexIsEnough) {
  const auto index = PutIndex({PutImage(1), PutImage(2)});
  Sign(index.digest);
  EXPECT_EQ(Verify(Wanting(false), index.digest).outcome(), Outcome::kVerified);
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kVerified);
  EXPECT_EQ(source_.Fetches(index.digest), 0);
}

TEST_F(ChildrenTest, SignedChildrenDoOnlyWhereThePolicySaysSo) {
  const auto one = PutImage(1);
  const auto two = PutImage(2);
  const auto index = PutIndex({one, two, PutBuildxAttestation()});
  Sign(one.digest);
  Sign(two.digest);
  EXPECT_EQ(Verify(Wanting(false), index.digest).outcome(), Outcome::kUnsigned);
  const Report report = Verify(Wanting(true), index.digest);
  EXPECT_EQ(report.outcome(), Outcome::kVerified) << report.detail();
  EXPECT_THAT(report.vouched_by(), ElementsAre("release-key"));
}

TEST_F(ChildrenTest, EveryChildMustBeSigned) {
  const auto one = PutImage(1);
  const auto index = PutIndex({one, PutImage(2)});
  Sign(one.digest);
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kUnsigned);
}

TEST_F(ChildrenTest, OfAWronglySignedIndexMayStillDo) {
  const auto one = PutImage(1);
  const auto index = PutIndex({one});
  Sign(one.digest);
  Sign(index.digest, 1);
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kVerified);
}

// A node chooses by the index's word: what it might choose must be signed, whatever it holds.
TEST_F(ChildrenTest, OnlyWhatNoNodeWouldChooseIsPassedOver) {
  const auto one = PutImage(1);
  Sign(one.digest);
  auto nameless = PutBuildxAttestation();
  nameless.platform = std::nullopt;
  for (const oci::Descriptor& other :
       {PutBuildxAttestation("linux"), nameless, PutImage(2, "unknown"), PutImage(3, "windows")}) {
    const auto index = PutIndex({one, other});
    EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kUnsigned);
  }
}

TEST_F(ChildrenTest, AnIndexOfAttestationsAloneIsNotVerified) {
  const auto index = PutIndex({PutBuildxAttestation()});
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kUnsigned);
  EXPECT_EQ(Verify(Wanting(true), PutIndex({}).digest).outcome(), Outcome::kUnsigned);
}

TEST_F(ChildrenTest, OfANestedIndexCount) {
  const auto one = PutImage(1);
  const auto nested = PutIndex({one});
  const auto outer = PutIndex({nested});
  const auto too_deep = PutIndex({outer});
  Sign(one.digest);
  EXPECT_EQ(Verify(Wanting(true), nested.digest).outcome(), Outcome::kVerified);
  EXPECT_EQ(Verify(Wanting(true), outer.digest).outcome(), Outcome::kVerified);
  EXPECT_NE(Verify(Wanting(true), too_deep.digest).outcome(), Outcome::kVerified);
}

TEST_F(ChildrenTest, AreCountedOverAllIndexes) {
  std::vector<oci::Descriptor> children;
  for (std::size_t i = 0; i < oci::kMaxPlatforms; ++i) {
    children.push_back(PutImage(i));
    Sign(children.back().digest);
  }
  EXPECT_EQ(Verify(Wanting(true), PutIndex(children).digest).outcome(), Outcome::kVerified);
  const auto nested = PutIndex({children.back()});
  children.back() = nested;
  EXPECT_NE(Verify(Wanting(true), PutIndex(children).digest).outcome(), Outcome::kVerified);
}

TEST_F(ChildrenTest, ThatCannotBeAskedForLeaveItUndecided) {
  const auto one = PutImage(1);
  const auto two = PutImage(2);
  const auto attestation = PutBuildxAttestation();
  const auto index = PutIndex({one, two, attestation});
  Sign(one.digest);
  Sign(two.digest);
  source_.FailOn(attestation.digest, Error(ErrorCode::kUnavailable, "status 500"));
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kUndecided);
  source_.FailOn(TagOf(two.digest, ".sig"), Error(ErrorCode::kUnavailable, "status 500"));
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kUndecided);
  source_.FailOn(index.digest, Error(ErrorCode::kUnavailable, "status 500"));
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kUndecided);
}

TEST_F(ChildrenTest, AnswerOffline) {
  const auto one = PutImage(1);
  const auto index = PutIndex({one});
  Sign(one.digest);
  EXPECT_EQ(Verify(Wanting(true), index.digest).outcome(), Outcome::kVerified);
  EXPECT_EQ(VerifyOffline(Wanting(true), index.digest).outcome(), Outcome::kVerified);
}

TEST_F(ChildrenTest, OfWhatIsNoIndexThereAreNone) {
  const auto image = PutImage(1);
  EXPECT_EQ(Verify(Wanting(true), image.digest).outcome(), Outcome::kUnsigned);
  const auto junk = source_.Put(std::string(oci::kOciIndex), "junk");
  EXPECT_EQ(Verify(Wanting(true), junk.digest).outcome(), Outcome::kUnsigned);
}

}  // namespace
}  // namespace xzgate::signature
