#include "scanner/signature/verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/scanner/signature/verifier_fixture.h"
#include "tests/support/result_matchers.h"

namespace xzgate::signature {
namespace {

using namespace testing;  // NOLINT: the vocabulary of the signer
using Tlog = SigningWish::Tlog;
using std::chrono_literals::operator""s;

const std::string kDigest = kImage.ToString();
const std::string kOther = kOtherImage.ToString();

struct AcceptCase {
  std::string name;
  std::function<Material()> material;
  std::function<Authority()> authority = [] { return Keyless(); };
  WallTime now = kNow;
};

class VerifierAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(VerifierAccepts, AndSaysWhatWasProved) {
  const AcceptCase& each = GetParam();
  const Attempt attempt = Try(each.material(), each.authority(), each.now);
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.reason, Reason::kNone);
  EXPECT_EQ(attempt.verified->digest(), kImage);
  EXPECT_EQ(attempt.verified->authority(), each.authority().name);
  for (const Step& step : attempt.steps) EXPECT_TRUE(step.held) << step.name;
}

Material Keyed(const SigningWish& wish = {}) {
  return FromBundle(Sigstore().ImageBundle(kDigest, wish));
}
Material Legacy(const SigningWish& wish = {}) {
  return FromLayer(Sigstore().SimpleSigning(kDigest, wish));
}
SigningWish LeafOf(KeyType type) {
  return {.leaf_key = Key(0, type)};
}
Authority WithAnnotations(Authority authority,
                          std::vector<std::pair<std::string, std::string>> annotations) {
  authority.annotations = std::move(annotations);
  return authority;
}
Authority WithRoots(Authority authority, std::vector<std::shared_ptr<const TrustedRoot>> roots) {
  authority.roots = std::move(roots);
  return authority;
}

// An authority of one's own, and a leaf of it: no SCT, no log.
const TestAuthority& PrivateRoot() {
  static const TestAuthority root = TestAuthority::Root(RootWish("Acme Root"));
  return root;
}
SigningWish PrivateWish(WallTime from = kLeafStart, WallTime to = kAuthorityEnd) {
  IssueWish leaf{.not_before = from,
                 .not_after = to,
                 .names = {{AlternativeName::Kind::kEmail, "release@acme.test"}}};
  return {.certificate = PrivateRoot().Issue(leaf, Key(5)),
          .scts = {},
          .tlog = Tlog::kNone,
          .timestamp = false};
}
Authority Private(CertificateAuthority kind = {}) {
  kind.roots = {*crypto::Certificate::FromPem(PrivateRoot().Pem())};
  if (kind.identities.empty()) {
    kind.identities = {{.subject = *TextMatcher::Exact("release@acme.test"),
                        .issuer = std::nullopt,
                        .extensions = {}}};
  }
  return {.name = "acme", .kind = std::move(kind), .roots = {TestRoot()}, .annotations = {}};
}

const AcceptCase kAccepted[] = {
    {"BundleV01", [] { return Keyed({.version = "0.1"}); }},
    {"BundleV02", [] { return Keyed({.version = "0.2"}); }},
    {"BundleV03", [] { return Keyed(); }},
    {"RekorV1WithoutTimestamp", [] { return Keyed({.timestamp = false}); }},
    {"RekorV2WithTimestamp", [] { return Keyed({.tlog = Tlog::kV2}); }},
    {"LegacyTag", [] { return Legacy(); }},
    {"LegacyTagWithoutTimestamp", [] { return Legacy({.timestamp = false}); }},
    {"LeafP384", [] { return Keyed(LeafOf(KeyType::kP384)); }},
    {"LeafP521", [] { return Keyed(LeafOf(KeyType::kP521)); }},
    {"LeafRsa", [] { return Keyed(LeafOf(KeyType::kRsa2048)); }},
    {"LeafEd25519", [] { return Keyed(LeafOf(KeyType::kEd25519)); }},
    {"AttestationOfTheTag",
     [] {
       return FromLayer(Sigstore().Attestation(testing::Statement(kDigest, "https://slsa.dev/x")));
     }},
    {"TimestampAtTheLeafsEnd",
     [] { return Keyed({.log = {.time = kLeafEnd}, .timestamp = false}); }},
    {"LoggedAMinuteAheadOfUs", [] { return Keyed({.timestamp = false}); }, [] { return Keyless(); },
     kSignedAt - 60s},
    {"KeyBundle", [] { return Keyed(KeyWish(Key())); }, [] { return ByKey(Key()); }},
    {"KeyLegacyTag", [] { return Legacy(KeyWish(Key())); }, [] { return ByKey(Key()); }},
    {"KeyP384WithItsOwnHash", [] { return Legacy(KeyWish(Key(0, KeyType::kP384))); },
     [] { return ByKey(Key(0, KeyType::kP384)); }},
    {"KeyP384WithSha256AsCosignDid",
     [] {
       auto wish = KeyWish(Key(0, KeyType::kP384));
       wish.sign = SignWish{.hash = crypto::Algorithm::kSha256};
       return Legacy(wish);
     },
     [] { return ByKey(Key(0, KeyType::kP384)); }},
    {"KeyEd25519", [] { return Keyed(KeyWish(Key(0, KeyType::kEd25519))); },
     [] { return ByKey(Key(0, KeyType::kEd25519)); }},
    {"KeyRsa", [] { return Keyed(KeyWish(Key(0, KeyType::kRsa3072))); },
     [] { return ByKey(Key(0, KeyType::kRsa3072)); }},
    {"KeyWithLog", [] { return Keyed({.key = Key(), .timestamp = false}); },
     [] { return ByKey(Key(), {.keys = {}, .require_tlog = true}); }},
    {"KeyWithTimestamp", [] { return Keyed({.key = Key(), .tlog = Tlog::kNone}); },
     [] { return ByKey(Key(), {.keys = {}, .require_timestamp = true}); }},
    {"KeyThatWasValidThen", [] { return Keyed({.key = Key(), .tlog = Tlog::kNone}); },
     [] {
       return ByKey(Key(), {.keys = {},
                            .require_timestamp = true,
                            .valid = {.start = kSignedAt, .end = kSignedAt}});
     }},
    {"AnnotationsAmongOthers",
     [] {
       auto wish = KeyWish(Key());
       wish.annotations = {{"env", "prod"}, {"team", "shop"}};
       return Keyed(wish);
     },
     [] { return WithAnnotations(ByKey(Key()), {{"env", "prod"}}); }},
    {"LegacyAnnotations",
     [] {
       auto wish = KeyWish(Key());
       wish.annotations = {{"env", "prod"}};
       return Legacy(wish);
     },
     [] { return WithAnnotations(ByKey(Key()), {{"env", "prod"}}); }},
    {"PrivateAuthorityValidNow", [] { return Keyed(PrivateWish()); }, [] { return Private(); }},
    {"PrivateAuthorityStamped",
     [] {
       auto wish = PrivateWish(kLeafStart, kLeafEnd);
       wish.timestamp = true;
       return Keyed(wish);
     },
     [] { return Private({.require_timestamp = true}); }},
    {"TheSecondTrustRoot", [] { return Keyed(); },
     [] {
       const auto strange = RootOf(TestSigstore::Create("elsewhere.test").TrustedRoot());
       return WithRoots(Keyless(), {strange, TestRoot()});
     }},
};

INSTANTIATE_TEST_SUITE_P(All, VerifierAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& param) { return param.param.name; });

struct RejectCase {
  std::string name;
  Reason want;
  std::function<Material()> material;
  std::function<Authority()> authority = [] { return Keyless(); };
  WallTime now = kNow;
};

class VerifierRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(VerifierRejects, WithItsReason) {
  const RejectCase& each = GetParam();
  const Attempt attempt = Try(each.material(), each.authority(), each.now);
  EXPECT_FALSE(attempt.verified);
  EXPECT_EQ(Code(attempt.reason), Code(each.want)) << Steps(attempt);
  ASSERT_FALSE(attempt.steps.empty());
  EXPECT_FALSE(attempt.steps.back().held);
  EXPECT_FALSE(attempt.steps.back().detail.empty());
}

Material Changed(std::string_view path, json::Value value, const SigningWish& wish = {}) {
  return FromBundle(With(Sigstore().ImageBundle(kDigest, wish), path, std::move(value)));
}

// A log entry of somebody else's, stapled to our signature (CVE-2022-23649, CVE-2026-22703,
// CVE-2024-53267).
Material WithStrangersEntry(const SigningWish& wish) {
  auto strangers = wish;
  strangers.leaf_key = Key(7);
  const auto other = Sigstore().ImageBundle(kDigest, strangers);
  return Changed("verificationMaterial.tlogEntries", At(other, "verificationMaterial.tlogEntries"),
                 wish);
}
Material LegacyWithStrangersEntry() {
  constexpr std::string_view kBundle = "dev.sigstore.cosign/bundle";
  auto layer = Sigstore().SimpleSigning(kDigest);
  layer.Annotation(kBundle) = Sigstore().SimpleSigning(kOther).Annotation(kBundle);
  return FromLayer(layer);
}

// The certificate of somebody else in place of the signer's (CVE-2022-36056).
Material WithStrangersCertificate() {
  const auto other = Sigstore().ImageBundle(kDigest, {.leaf_key = Key(7)});
  return Changed("verificationMaterial.certificate", At(other, "verificationMaterial.certificate"));
}

SigningWish WithTwoTimes(WallTime logged, WallTime stamped) {
  return {.log = {.time = logged}, .stamp = {.time = stamped}};
}

// A second authority that stamps, and a trust root that has both.
const TestTsa& OtherTsa() {
  static const TestTsa tsa = TestTsa::Create("other-tsa.test");
  return tsa;
}
RootDocument WithOtherTsa() {
  RootDocument root = Sigstore().Root();
  root.timestamp_authorities.push_back(RootEntry(OtherTsa()));
  return root;
}

// One signature with a stamp of each authority; Rekor v2 adds no time to them.
Material WithTwoStamps(const TestTsa& second, WallTime first_time, WallTime second_time) {
  const auto bundle =
      Sigstore().ImageBundle(kDigest, {.tlog = Tlog::kV2, .stamp = {.time = first_time}});
  const auto signature = crypto::Base64Decode(TextAt(bundle, "dsseEnvelope.signatures.0.sig"));
  const std::string stamp = second.Stamp(*signature, {.time = second_time});
  return FromBundle(With(bundle,
                         "verificationMaterial.timestampVerificationData.rfc3161Timestamps.1",
                         json::Object{{"signedTimestamp", Base64(stamp)}}));
}

Authority KeylessFor(const std::string& subject, const std::string& issuer) {
  return Keyless({.identities = {Identity(subject, issuer)}});
}
Authority KeylessWithin(RootDocument root) {
  return WithRoots(Keyless(), {RootOf(root.Text())});
}
RootDocument WithoutLists(bool tlogs, bool ctlogs, bool authorities, bool timestamps) {
  RootDocument root = Sigstore().Root();
  if (tlogs) root.tlogs.clear();
  if (ctlogs) root.ctlogs.clear();
  if (authorities) root.certificate_authorities.clear();
  if (timestamps) root.timestamp_authorities.clear();
  return root;
}

const RejectCase kRejected[] = {
    // Who signed.
    {"AnotherSubject", Reason::kIdentity, [] { return Keyed(); },
     [] { return KeylessFor("https://github.com/evil/app", kTestIssuer); }},
    {"AnotherIssuer", Reason::kIdentity, [] { return Keyed(); },
     [] { return KeylessFor(kTestSubject, "https://accounts.evil.test"); }},
    {"ABeginningIsNotTheWhole", Reason::kIdentity, [] { return Keyed(); },
     [] { return KeylessFor("https://github.com/acme/app", kTestIssuer); }},
    {"AnotherKey", Reason::kSignature, [] { return Keyed(KeyWish(Key())); },
     [] { return ByKey(Key(1)); }},
    {"AKeyInPlaceOfACertificate", Reason::kCertificate, [] { return Keyed(KeyWish(Key())); }},
    {"ACertificateInPlaceOfTheKey", Reason::kSignature, [] { return Keyed(); },
     [] { return ByKey(Key(1)); }},
    {"ACertificateWithAnotherKeyThanConfigured", Reason::kSignature,
     [] { return WithStrangersCertificate(); }, [] { return ByKey(Key(1)); }},
    {"AFulcioOfSomebodyElse", Reason::kLog, [] { return Keyed(); },
     [] {
       return WithRoots(Keyless(), {RootOf(TestSigstore::Create("elsewhere.test").TrustedRoot())});
     }},
    // What was signed.
    {"AnotherDigest", Reason::kClaims, [] { return FromBundle(Sigstore().ImageBundle(kOther)); }},
    {"AnotherDigestByKey", Reason::kClaims,
     [] { return FromBundle(Sigstore().ImageBundle(kOther, KeyWish(Key()))); },
     [] { return ByKey(Key()); }},
    {"AnotherDigestInTheTag", Reason::kClaims,
     [] { return FromLayer(Sigstore().SimpleSigning(kOther)); }},
    {"AMessageInPlaceOfAStatement", Reason::kClaims,
     [] { return FromBundle(Sigstore().MessageBundle("an image", KeyWish(Key()))); },
     [] { return ByKey(Key()); }},
    {"AnotherTypeOfSimpleSigning", Reason::kMalformed,
     [] {
       return FromLayer(Sigstore().SimpleSigningOver(
           R"({"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":")" +
               kDigest + R"("},"type":"atomic container signature"},"optional":null})",
           KeyWish(Key())));
     },
     [] { return ByKey(Key()); }},
    {"AnotherPayloadType", Reason::kMalformed,
     [] {
       return FromBundle(Sigstore().DsseBundle(testing::Statement(kDigest, kSignPredicate),
                                               KeyWish(Key()), "text/plain"));
     },
     [] { return ByKey(Key()); }},
    {"AnAnnotationThatIsMissing", Reason::kClaims, [] { return Keyed(KeyWish(Key())); },
     [] { return WithAnnotations(ByKey(Key()), {{"env", "prod"}}); }},
    {"AnAnnotationThatDiffers", Reason::kClaims,
     [] {
       auto wish = KeyWish(Key());
       wish.annotations = {{"env", "test"}};
       return Legacy(wish);
     },
     [] { return WithAnnotations(ByKey(Key()), {{"env", "prod"}}); }},
    // The signature.
    {"AChangedSignature", Reason::kSignature,
     [] {
       auto layer = Sigstore().SimpleSigning(kDigest, KeyWish(Key()));
       layer.blob += " ";
       return FromLayer(layer);
     },
     [] { return ByKey(Key()); }},
    {"PssWherePkcs1IsExpected", Reason::kSignature,
     [] {
       auto wish = KeyWish(Key(0, KeyType::kRsa3072));
       wish.sign = SignWish{.form = SignWish::Form::kPss};
       return Legacy(wish);
     },
     [] { return ByKey(Key(0, KeyType::kRsa3072)); }},
    {"RawWhereDerIsExpected", Reason::kSignature,
     [] {
       auto wish = KeyWish(Key());
       wish.sign = SignWish{.form = SignWish::Form::kRaw};
       return Legacy(wish);
     },
     [] { return ByKey(Key()); }},
    {"Sha1", Reason::kSignature,
     [] {
       auto wish = KeyWish(Key());
       wish.sign = SignWish{.hash = crypto::Algorithm::kSha1};
       return Legacy(wish);
     },
     [] { return ByKey(Key()); }},
    // The log.
    {"NoEntry", Reason::kLog, [] { return Keyed({.tlog = Tlog::kNone}); }},
    {"AStrangersEntryV01", Reason::kLog, [] { return WithStrangersEntry({.version = "0.1"}); }},
    {"AStrangersEntryV02", Reason::kLog, [] { return WithStrangersEntry({.version = "0.2"}); }},
    {"AStrangersEntryV03", Reason::kLog, [] { return WithStrangersEntry({}); }},
    {"AStrangersEntryRekorV2", Reason::kLog,
     [] { return WithStrangersEntry({.tlog = Tlog::kV2}); }},
    {"AStrangersEntryInTheTag", Reason::kLog, [] { return LegacyWithStrangersEntry(); }},
    {"AStrangersCertificate", Reason::kLog, [] { return WithStrangersCertificate(); }},
    {"AChangedTime", Reason::kLog,
     [] {
       return Changed("verificationMaterial.tlogEntries.0.integratedTime", "1780272061",
                      {.timestamp = false});
     }},
    {"TwoLogsWanted", Reason::kLog, [] { return Keyed(); },
     [] { return Keyless({.tlog_threshold = 2}); }},
    {"ALogThatWasNotTrustedThen", Reason::kLog, [] { return Keyed({.tlog = Tlog::kV2}); },
     [] {
       RootDocument root = Sigstore().Root();
       root.tlogs = {RootEntry(Sigstore().rekor2, {.start = kSignedAt + 1s})};
       return KeylessWithin(root);
     }},
    {"KeyWithoutTheLogThatIsWanted", Reason::kLog, [] { return Keyed(KeyWish(Key())); },
     [] { return ByKey(Key(), {.keys = {}, .require_tlog = true}); }},
    // The time.
    {"RekorV2WithoutTimestamp", Reason::kTimestamp,
     [] { return Keyed({.tlog = Tlog::kV2, .timestamp = false}); }},
    {"TimeWithoutItsPromise", Reason::kTimestamp,  // CVE-2024-55655
     [] {
       auto bundle = Sigstore().ImageBundle(kDigest, {.timestamp = false});
       return FromBundle(
           Without(std::move(bundle), "verificationMaterial.tlogEntries.0.inclusionPromise"));
     }},
    {"LoggedMoreThanAMinuteAheadOfUs", Reason::kLog, [] { return Keyed({.timestamp = false}); },
     [] { return Keyless(); }, kSignedAt - 61s},
    {"LoggedAfterTheLeafsEnd", Reason::kCertificate,
     [] { return Keyed({.log = {.time = kLeafEnd + 1s}, .timestamp = false}); }},
    {"LoggedBeforeTheLeafsStart", Reason::kCertificate,
     [] { return Keyed({.log = {.time = kLeafStart - 1s}, .timestamp = false}); }},
    {"OneOfTwoTimesIsOutside", Reason::kCertificate,  // TOB-SIGSTORE-4
     [] { return Keyed(WithTwoTimes(kSignedAt, kLeafEnd + 1s)); }},
    {"TheOtherOfTwoTimesIsOutside", Reason::kCertificate,
     [] { return Keyed(WithTwoTimes(kLeafEnd + 1s, kSignedAt)); }},
    {"OneOfTwoStampsIsOutside", Reason::kCertificate,
     [] { return WithTwoStamps(OtherTsa(), kSignedAt, kLeafEnd + 1s); },
     [] { return KeylessWithin(WithOtherTsa()); }},
    {"TheOtherOfTwoStampsIsOutside", Reason::kCertificate,
     [] { return WithTwoStamps(OtherTsa(), kLeafStart - 1s, kSignedAt); },
     [] { return KeylessWithin(WithOtherTsa()); }},
    {"OneOfTwoStampsOfOneAuthorityIsOutside", Reason::kCertificate,
     [] { return WithTwoStamps(Sigstore().tsa, kSignedAt, kLeafEnd + 1s); }},
    {"TwoStampsOfOneAuthorityAreOne", Reason::kTimestamp,
     [] { return WithTwoStamps(Sigstore().tsa, kSignedAt, kSignedAt + 1s); },
     [] { return Keyless({.timestamp_threshold = 2}); }},
    {"TwoTimesWanted", Reason::kTimestamp, [] { return Keyed({.timestamp = false}); },
     [] { return Keyless({.timestamp_threshold = 2}); }},
    {"ATimestampOverSomethingElse", Reason::kTimestamp,
     [] {
       const auto other = Sigstore().ImageBundle(kOther, {.tlog = Tlog::kV2});
       return Changed("verificationMaterial.timestampVerificationData",
                      At(other, "verificationMaterial.timestampVerificationData"),
                      {.tlog = Tlog::kV2});
     }},
    {"AKeyThatWasNotValidYet", Reason::kCertificate,  // GHSA-wqqc-jjcq-vfxm
     [] { return Keyed({.key = Key(), .tlog = Tlog::kNone}); },
     [] {
       return ByKey(Key(),
                    {.keys = {}, .require_timestamp = true, .valid = {.start = kSignedAt + 1s}});
     }},
    {"AKeyThatIsNotValidAnyMore", Reason::kCertificate, [] { return Keyed(KeyWish(Key())); },
     [] { return ByKey(Key(), {.keys = {}, .valid = {.start = kTrustStart, .end = kNow - 1s}}); }},
    {"KeyWithoutTheTimestampThatIsWanted", Reason::kTimestamp, [] { return Keyed(KeyWish(Key())); },
     [] { return ByKey(Key(), {.keys = {}, .require_timestamp = true}); }},
    // The certificate.
    {"NoSct", Reason::kSct, [] { return Keyed({.scts = {}}); }},
    {"ABrokenSct", Reason::kSct,
     [] { return Keyed({.scts = {SctWish{.break_signature = true}}}); }},
    {"TwoSctsWanted", Reason::kSct, [] { return Keyed({.scts = {SctWish{}, SctWish{}}}); },
     [] { return Keyless({.sct_threshold = 2}); }},
    {"PrivateAuthorityExpired", Reason::kCertificate,
     [] { return Keyed(PrivateWish(kLeafStart, kLeafEnd)); }, [] { return Private(); }},
    {"PrivateAuthorityOfSomebodyElse", Reason::kCertificate, [] { return Keyed(); },
     [] { return Private(); }},
    {"PrivateAuthorityAnotherName", Reason::kIdentity, [] { return Keyed(PrivateWish()); },
     [] {
       return Private({.identities = {{.subject = *TextMatcher::Exact("other@acme.test"),
                                       .issuer = std::nullopt,
                                       .extensions = {}}}});
     }},
    // Trust.
    {"NoTrustRoot", Reason::kTrustRoot, [] { return Keyed(); },
     [] { return WithRoots(Keyless(), {}); }},
    {"ATrustRootWithoutAuthorities", Reason::kTrustRoot, [] { return Keyed(); },
     [] { return KeylessWithin(WithoutLists(false, false, true, false)); }},
    {"ATrustRootWithoutCertificateLogs", Reason::kTrustRoot, [] { return Keyed(); },
     [] { return KeylessWithin(WithoutLists(false, true, false, false)); }},
    {"ATrustRootWithoutLogs", Reason::kTrustRoot, [] { return Keyed(); },
     [] { return KeylessWithin(WithoutLists(true, false, false, false)); }},
    {"ATrustRootWithoutTimestampAuthorities", Reason::kTrustRoot,
     [] { return Keyed({.tlog = Tlog::kV2}); },
     [] { return KeylessWithin(WithoutLists(false, false, false, true)); }},
    {"NoTimestampWhereNoneCouldBeJudged", Reason::kTimestamp,
     [] { return Keyed({.tlog = Tlog::kV2, .timestamp = false}); },
     [] { return KeylessWithin(WithoutLists(false, false, false, true)); }},
    {"KeyWithALogAndATrustRootWithoutLogs", Reason::kTrustRoot,
     [] { return Keyed({.key = Key(), .timestamp = false}); },
     [] {
       return WithRoots(ByKey(Key(), {.keys = {}, .require_tlog = true}),
                        {RootOf(WithoutLists(true, false, false, false).Text())});
     }},
    {"AKeyInPlaceOfACertificateWithoutATrustRoot", Reason::kCertificate,
     [] { return Keyed(KeyWish(Key())); }, [] { return WithRoots(Keyless(), {}); }},
};

INSTANTIATE_TEST_SUITE_P(All, VerifierRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

RootDocument Ending(WallTime end) {
  RootDocument root;
  root.tlogs = {RootEntry(Sigstore().rekor, {.end = end})};
  root.ctlogs = {RootEntry(Sigstore().ctlog, {.end = end})};
  root.certificate_authorities = {
      RootEntry(Sigstore().fulcio, "https://fulcio.test", {.end = end})};
  root.timestamp_authorities = {RootEntry(Sigstore().tsa, {.end = end})};
  return root;
}

TEST(VerifierTest, ExpiredTrustRootVerifiesNothing) {
  const Authority authority = KeylessWithin(Ending(kNow));
  EXPECT_TRUE(Try(Keyed(), authority, kNow).verified);
  const Attempt late = Try(Keyed(), authority, kNow + 1s);
  EXPECT_FALSE(late.verified);
  EXPECT_EQ(late.reason, Reason::kTrustRoot);
}

// An authority of one's own asks a trust root for timestamps alone, and only where there are some.
TEST(VerifierTest, AnOwnAuthorityNeedsNoTrustRoot) {
  Authority authority = Private();
  authority.roots = {RootOf(Ending(kNow - 1s).Text())};
  const Attempt attempt = Try(Keyed(PrivateWish()), authority);
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  for (const Step& step : attempt.steps) EXPECT_NE(step.name, "trust root");
  EXPECT_GT(attempt.verified->valid_until(), kNow);

  SigningWish stamped = PrivateWish();
  stamped.timestamp = true;
  EXPECT_TRUE(Try(Keyed(stamped), authority).verified);  // valid now, whatever the stamp says
  stamped = PrivateWish(kLeafStart, kLeafEnd);
  stamped.timestamp = true;
  EXPECT_EQ(Try(Keyed(stamped), authority).reason, Reason::kCertificate);
  EXPECT_TRUE(Try(Keyed(stamped), Private()).verified);  // by its stamp, which nobody asked for
  authority = Private({.require_timestamp = true});
  authority.roots = {RootOf(Ending(kNow - 1s).Text())};
  EXPECT_EQ(Try(Keyed(stamped), authority).reason, Reason::kTrustRoot);
}

TEST(VerifierTest, ProofEndsWithTheTrustRoot) {
  const Attempt attempt = Try(Keyed(), KeylessWithin(Ending(kNow + 5s)));
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.verified->valid_until(), kNow + 5s);
}

TEST(VerifierTest, ProofEndsWithACertificateThatIsValidNow) {
  const Attempt attempt = Try(Keyed(PrivateWish(kLeafStart, kNow + 5s)), Private());
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.verified->valid_until(), kNow + 5s);
}

TEST(VerifierTest, ProofEndsWithAnAuthorityThatIsValidNow) {
  testing::IssueWish wish = RootWish("Ending Root");
  wish.not_after = kNow + 5s;
  const TestAuthority ending = TestAuthority::Root(wish);
  SigningWish signing = PrivateWish();
  signing.certificate =
      ending.Issue({.not_before = kLeafStart,
                    .not_after = kAuthorityEnd,
                    .names = {{AlternativeName::Kind::kEmail, "release@acme.test"}}},
                   Key(5));
  Authority authority = Private();
  std::get<CertificateAuthority>(authority.kind).roots = {
      *crypto::Certificate::FromPem(ending.Pem())};
  const Attempt attempt = Try(Keyed(signing), authority);
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.verified->valid_until(), kNow + 5s);
}

TEST(VerifierTest, ProofByALogWithoutTimesEndsWithTheLog) {
  RootDocument document;
  document.tlogs = {RootEntry(Sigstore().rekor2, {.end = kNow + 5s}),
                    RootEntry(Sigstore().rekor)};  // so that the root itself goes on
  Authority authority = ByKey(Key(), {.require_tlog = true});
  authority.roots = {RootOf(document.Text())};
  SigningWish wish = KeyWish(Key());
  wish.tlog = Tlog::kV2;
  const Attempt attempt = Try(Keyed(wish), authority);
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.verified->valid_until(), kNow + 5s);
}

// What an authority must sign with all it signs is not forgotten where it attests.
TEST(VerifierTest, AttestationsNeedTheAnnotationsToo) {
  const auto attempt = [](const json::Value& annotations) {
    const json::Value subject = json::Object{{"digest", json::Object{{"sha256", kImage.hex()}}},
                                             {"annotations", annotations}};
    const json::Value statement = json::Object{{"_type", "https://in-toto.io/Statement/v1"},
                                               {"subject", json::Array{subject}},
                                               {"predicateType", "https://slsa.dev/x"}};
    return Try(FromBundle(Sigstore().DsseBundle(json::Encode(statement), KeyWish(Key()))),
               WithAnnotations(ByKey(Key()), {{"env", "prod"}}));
  };
  EXPECT_EQ(attempt({}).reason, Reason::kClaims);
  EXPECT_EQ(attempt(json::Object{{"env", "test"}}).reason, Reason::kClaims);
  EXPECT_TRUE(attempt(json::Object{{"env", "prod"}}).verified);
}

// The neighbour of OneOfTwoStampsIsOutside: both at an end of the leaf's life.
TEST(VerifierTest, TwoStampsAreTwoTimes) {
  Authority authority = Keyless({.timestamp_threshold = 2});
  authority.roots = {RootOf(WithOtherTsa().Text())};
  const Attempt attempt = Try(WithTwoStamps(OtherTsa(), kLeafEnd, kLeafStart), authority);
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.verified->trusted_times(), (std::vector<WallTime>{kLeafStart, kLeafEnd}));
}

TEST(VerifierTest, TellsSignaturesFromAttestations) {
  EXPECT_EQ(Try(Keyed(), Keyless()).verified->predicate_type(), "");
  const auto material = FromBundle(Sigstore().DsseBundle(
      testing::Statement(kDigest, "https://slsa.dev/provenance/v1", json::Object{{"a", 1}})));
  const Attempt attempt = Try(material, Keyless());
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.verified->predicate_type(), "https://slsa.dev/provenance/v1");
  EXPECT_EQ(*attempt.verified->predicate().Find("a"), json::Value(1));
}

TEST(VerifierTest, ProofSaysWhoAndWhen) {
  const Attempt keyless = Try(Keyed(), Keyless());
  ASSERT_TRUE(keyless.verified) << Steps(keyless);
  ASSERT_TRUE(keyless.verified->identity());
  EXPECT_EQ(keyless.verified->identity()->subject, kTestSubject);
  EXPECT_EQ(keyless.verified->identity()->issuer, kTestIssuer);
  EXPECT_EQ(keyless.verified->trusted_times(), (std::vector<WallTime>{kSignedAt, kSignedAt}));
  const Attempt key = Try(Keyed(KeyWish(Key())), ByKey(Key()));
  ASSERT_TRUE(key.verified);
  EXPECT_FALSE(key.verified->identity());
  EXPECT_EQ(key.verified->key_fingerprint(),
            crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(Key().Spki())));
}

TEST(VerifierTest, Files) {
  const std::string file = "the bytes of a release";
  const auto digest = oci::Digest::Of(AsBytes(file));
  const SignatureVerifier verifier;
  const Authority authority = ByKey(Key());
  const auto message = FromBundle(Sigstore().MessageBundle(file, KeyWish(Key())));
  EXPECT_TRUE(verifier.VerifyBlob(message, authority, digest, file, kNow).verified);
  EXPECT_TRUE(verifier.VerifyBlob(message, authority, digest, std::nullopt, kNow).verified);
  const auto statement = FromBundle(Sigstore().DsseBundle(
      testing::Statement(digest.ToString(), "https://slsa.dev/x"), KeyWish(Key())));
  EXPECT_TRUE(verifier.VerifyBlob(statement, authority, digest, file, kNow).verified);

  EXPECT_FALSE(verifier.VerifyBlob(message, authority, kImage, std::nullopt, kNow).verified);
  EXPECT_FALSE(verifier.VerifyBlob(message, ByKey(Key(1)), digest, file, kNow).verified);
  EXPECT_FALSE(verifier.VerifyBlob(statement, authority, kImage, std::nullopt, kNow).verified);
  const auto legacy = FromLayer(Sigstore().SimpleSigning(digest.ToString(), KeyWish(Key())));
  EXPECT_FALSE(verifier.VerifyBlob(legacy, authority, digest, file, kNow).verified);
}

// What cosign writes beside an Ed25519 key: the bytes decide, a digest alone never does.
TEST(VerifierTest, FilesWhoseBundleNamesNoDigest) {
  const std::string file = "the bytes of a release";
  const auto digest = oci::Digest::Of(AsBytes(file));
  const SignatureVerifier verifier;
  for (const auto type : {KeyType::kEd25519, KeyType::kP256}) {
    const auto material = FromBundle(With(Sigstore().MessageBundle(file, KeyWish(Key(0, type))),
                                          "messageSignature.messageDigest", json::Object{}));
    const Authority authority = ByKey(Key(0, type));
    EXPECT_TRUE(verifier.VerifyBlob(material, authority, digest, file, kNow).verified);
    const std::string other = "other bytes";
    EXPECT_FALSE(
        verifier.VerifyBlob(material, authority, oci::Digest::Of(AsBytes(other)), other, kNow)
            .verified);
    EXPECT_EQ(verifier.VerifyBlob(material, authority, digest, std::nullopt, kNow).reason,
              Reason::kUnsupported);
  }
}

TEST(VerifierTest, FilesKeyless) {
  const std::string file = "the bytes of a release";
  const auto digest = oci::Digest::Of(AsBytes(file));
  const SignatureVerifier verifier;
  for (const Tlog log : {Tlog::kV1, Tlog::kV2}) {
    const auto material = FromBundle(Sigstore().MessageBundle(file, {.tlog = log}));
    const Attempt attempt = verifier.VerifyBlob(material, Keyless(), digest, file, kNow);
    EXPECT_TRUE(attempt.verified) << Steps(attempt);
    EXPECT_FALSE(verifier.VerifyBlob(material, Keyless(), kImage, "an image", kNow).verified);
  }
}

// Which of several keys it was, so that nobody has to try them one by one.
TEST(VerifierTest, NamesTheKeyThatMadeIt) {
  KeyAuthority kind;
  Authority authority = ByKey(Key(1), kind);
  auto& keys = std::get<KeyAuthority>(authority.kind);
  keys.keys.push_back(*crypto::PublicKey::FromPem(Key().PublicPem()));
  const std::string print = crypto::HexEncode(AsBytes(keys.keys[1].Fingerprint()));
  const Attempt attempt = Try(Keyed(KeyWish(Key())), authority);
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  EXPECT_EQ(attempt.steps.front().detail, "ECDSA P-256 key " + print + " of \"release-key\"");
  keys.names = {"old.pub", "new.pub"};
  EXPECT_EQ(Try(Keyed(KeyWish(Key())), authority).steps.front().detail,
            "ECDSA P-256 key " + print + " of \"new.pub\"");
}

TEST(VerifierTest, NamesTheKeysThatDidNot) {
  Authority authority = ByKey(Key(1));
  std::get<KeyAuthority>(authority.kind).names = {"old.pub"};
  const Attempt attempt = Try(Keyed(KeyWish(Key())), authority);
  EXPECT_EQ(attempt.reason, Reason::kSignature);
  const std::string& detail = attempt.steps.back().detail;
  EXPECT_TRUE(detail.starts_with("not made by ECDSA P-256 key ")) << detail;
  EXPECT_TRUE(detail.contains("of \"old.pub\": ")) << detail;
}

// Of a certificate's key too.
TEST(VerifierTest, NamesTheKeyOfACertificate) {
  const Attempt attempt = Try(Keyed(), Keyless());
  ASSERT_TRUE(attempt.verified) << Steps(attempt);
  const auto step = std::ranges::find(attempt.steps, "signature", &Step::name);
  ASSERT_NE(step, attempt.steps.end());
  EXPECT_EQ(step->detail,
            "ECDSA P-256 key " + attempt.verified->key_fingerprint() + " of the certificate");
}

TEST(VerifierTest, SaysHowManyLogsAreMissing) {
  const Attempt attempt = Try(Keyed({.tlog = Tlog::kNone}), Keyless());
  EXPECT_EQ(attempt.steps.back().detail, "want an entry in a trusted log, found none");
}

}  // namespace
}  // namespace xzgate::signature
