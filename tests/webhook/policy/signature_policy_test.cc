// `authorities`, `signatures` and `attestations` of an ImagePolicy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/named_files_fixture.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {
namespace {

using signature::Authority;
using signature::Condition;
using signature::Requirement;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

const char* const kFull = R"(  images: ["reg.example/shop/**"]
  authorities:
    - name: release-key
      key: {file: release.pub}
      requireTlog: true
      requireTimestamp: true
      validFor: {start: 2026-01-01T00:00:00Z, end: 2027-01-01T00:00:00Z}
      annotations: {env: prod, "team": "7"}
    - name: our-ci
      keyless:
        identities:
          - issuer: https://issuer.example
            subjectRegExp: ^https://ci[.]example/acme/.*$
            extensions: {sourceRepositoryURI: https://ci.example/acme/app}
            extensionsRegExp: {sourceRepositoryRef: "^refs/tags/v[0-9]+$"}
          - {issuerRegExp: "^https://issuer[0-9][.]example$", subject: bot@acme.example}
        tlogThreshold: 1
        timestampThreshold: 2
        sctThreshold: 1
      trustedRoots: [public-good, {file: logs.json}]
    - name: corp-ca
      certificate:
        roots: {file: /etc/p/root.pem}
        intermediates: {file: between.pem}
        identities: [{subject: builder@acme.example}, {subjectRegExp: "^.*@corp[.]example$"}]
        requireTimestamp: true
  signatures:
    default: require
    require:
      - images: ["reg.example/shop/pay/*"]
        all: [release-key, {any: [our-ci, corp-ca]}]
      - atLeast: 2
        of: [release-key, our-ci, corp-ca]
    signatureRepository: reg.example/signatures/shop
    verifyChildren: true
    outvote: [affected_version, suspicious]
  attestations:
    - images: ["reg.example/shop/*"]
      type: slsaprovenance1
      any: [our-ci]
      which: all
      conditions:
        - {at: /runDetails/builder/id, equals: "https://builder.example"}
        - {at: /buildDefinition/buildType, oneOf: [a, b]}
        - {at: "", present: true}
        - {at: /x/*/id, none: [CVE-2024-3094], noneMatch: "(?i)^cve-2024-3.*$"}
        - {at: /m, matches: ["^a.*$", "^b.*$"]}
        - {at: /n, atMost: 6.9}
        - {at: /n, atLeast: -1}
        - {at: /t, youngerThan: 7d}
  outcomes:
    signatures: {unsigned: warn, wrongly_signed: deny, undecided: allow}
)";

oci::Repository Repo(const std::string& image) {
  return oci::Reference::Parse(image)->repository();
}

class FullPolicy : public ::testing::Test {
 protected:
  void SetUp() override {
    auto set = ParseSpec(kFull);
    ASSERT_TRUE(set) << set.error().message();
    set_ = std::move(*set);
  }
  const Rule& rule() const { return set_.rules().front(); }
  const Requirement& Entry(std::size_t i) const {
    return *rule().signature_rules[i].sealed.requirement;
  }
  template <typename Kind>
  const Kind& KindOf(const std::string& name) const {
    return std::get<Kind>(Entry(1).FindAuthority(name)->kind);
  }

  PolicySet set_;
};

TEST_F(FullPolicy, ReadsKeys) {
  const auto& key = KindOf<signature::KeyAuthority>("release-key");
  ASSERT_THAT(key.keys, SizeIs(1));
  EXPECT_EQ(key.keys[0], *crypto::PublicKey::FromPem(TestFiles().at("/etc/p/release.pub")));
  EXPECT_TRUE(key.require_tlog);
  EXPECT_TRUE(key.require_timestamp);
  EXPECT_EQ(ToRfc3339(key.valid.start), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(ToRfc3339(key.valid.end.value()), "2027-01-01T00:00:00.000Z");
  EXPECT_THAT(Entry(1).FindAuthority("release-key")->annotations,
              ElementsAre(::testing::Pair("env", "prod"), ::testing::Pair("team", "7")));
}

TEST_F(FullPolicy, ReadsKeyless) {
  const auto& keyless = KindOf<signature::KeylessAuthority>("our-ci");
  ASSERT_THAT(keyless.identities, SizeIs(2));
  const auto& first = keyless.identities[0];
  EXPECT_TRUE(first.subject.Matches("https://ci.example/acme/app"));
  EXPECT_FALSE(first.subject.Matches("https://evil/?https://ci.example/acme/app"));
  EXPECT_TRUE(first.issuer->Matches("https://issuer.example"));
  ASSERT_THAT(first.extensions, SizeIs(2));
  EXPECT_EQ(first.extensions[1].first, "sourceRepositoryRef");
  EXPECT_FALSE(first.extensions[1].second.Matches("refs/tags/v1x"));
  EXPECT_EQ(keyless.tlog_threshold, 1U);
  EXPECT_EQ(keyless.timestamp_threshold, 2U);
  EXPECT_EQ(keyless.sct_threshold, 1U);
  const auto& roots = Entry(1).FindAuthority("our-ci")->roots;
  ASSERT_THAT(roots, SizeIs(2));
  EXPECT_EQ(roots[0], signature::TrustedRoot::BuiltIn());
  EXPECT_EQ(roots[1]->name(), "/etc/p/logs.json");
}

TEST_F(FullPolicy, ReadsCertificates) {
  const auto& own = KindOf<signature::CertificateAuthority>("corp-ca");
  EXPECT_THAT(own.roots, SizeIs(1));
  EXPECT_THAT(own.intermediates, SizeIs(1));
  ASSERT_THAT(own.identities, SizeIs(2));
  EXPECT_EQ(own.identities[0].issuer, std::nullopt);
  EXPECT_TRUE(own.identities[1].subject.Matches("a@corp.example"));
  EXPECT_TRUE(own.require_timestamp);
}

TEST_F(FullPolicy, ReadsGroups) {
  const signature::Group& all = *Entry(0).signatures;
  EXPECT_EQ(all.at_least, 2U);
  EXPECT_THAT(all.authorities, ElementsAre("release-key"));
  ASSERT_THAT(all.groups, SizeIs(1));
  EXPECT_EQ(all.groups[0].at_least, 1U);
  EXPECT_THAT(all.groups[0].authorities, ElementsAre("our-ci", "corp-ca"));
  EXPECT_EQ(Entry(1).signatures->at_least, 2U);
  EXPECT_THAT(Entry(1).signatures->authorities, SizeIs(3));
}

TEST_F(FullPolicy, ReadsAttestations) {
  const Requirement& entry = Entry(2);
  EXPECT_FALSE(entry.signatures);
  ASSERT_THAT(entry.attestations, SizeIs(1));
  EXPECT_EQ(entry.attestations[0].predicate_type, "https://slsa.dev/provenance/v1");
  EXPECT_EQ(entry.attestations[0].which, signature::Which::kAll);
  EXPECT_THAT(entry.attestations[0].by.authorities, ElementsAre("our-ci"));
  // Who is not asked stays out, so that a change of theirs makes no report old.
  EXPECT_THAT(entry.authorities, SizeIs(1));
  std::vector<std::string> texts;
  for (const auto& condition : entry.attestations[0].conditions)
    texts.push_back(condition.ToString());
  EXPECT_THAT(texts,
              ElementsAre("/runDetails/builder/id equal to \"https://builder.example\"",
                          "/buildDefinition/buildType one of \"a\", \"b\"", "the predicate present",
                          AllOf(HasSubstr("none of \"CVE-2024-3094\""), HasSubstr("(?i)")),
                          HasSubstr("/m matching"), "/n at most 6.9", "/n at least -1",
                          "/t younger than 7d"));
}

TEST_F(FullPolicy, SharesWhatHoldsForAllEntries) {
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(Entry(i).name, "p");
    EXPECT_EQ(Entry(i).signature_repository, (oci::Repository{"reg.example", "signatures/shop"}));
    EXPECT_TRUE(Entry(i).verify_children);
  }
  EXPECT_TRUE(rule().requires_signature_by_default);
  EXPECT_THAT(rule().outvoted,
              ElementsAre(rules::Verdict::kAffectedVersion, rules::Verdict::kSuspicious));
  EXPECT_EQ(rule().outcomes.unsigned_image, Action::kWarn);
  EXPECT_EQ(rule().outcomes.wrongly_signed, Action::kDeny);
  EXPECT_EQ(rule().outcomes.undecided, Action::kAllow);
  EXPECT_THAT(set_.notes(), IsEmpty());
}

TEST_F(FullPolicy, AsksEveryEntryThatCoversAnImage) {
  EXPECT_THAT(set_.RequirementsFor(Repo("reg.example/shop/api:1"), "any"), SizeIs(2));
  EXPECT_THAT(set_.RequirementsFor(Repo("reg.example/shop/pay/api:1"), "any"), SizeIs(2));
  EXPECT_THAT(set_.RequirementsFor(Repo("reg.example/other/api:1"), "any"), IsEmpty());
}

TEST(SignaturePolicy, DefaultsAskNothing) {
  const PolicySet set;
  const Rule& rule = set.Match(Repo("nginx"), "any");
  EXPECT_THAT(rule.signature_rules, IsEmpty());
  EXPECT_FALSE(rule.requires_signature_by_default);
  EXPECT_THAT(rule.outvoted, IsEmpty());
  EXPECT_EQ(rule.outcomes.unsigned_image, Action::kDeny);
  EXPECT_EQ(rule.outcomes.wrongly_signed, Action::kDeny);
  EXPECT_EQ(rule.outcomes.undecided, Action::kDeny);
}

std::string Key(const std::string& name, const std::string& file = "release.pub") {
  return "    - {name: " + name + ", key: {file: " + file + "}}\n";
}

std::string Named(const std::string& policy, const std::string& spec, const std::string& file) {
  return "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: " + policy + "}\nspec:\n" +
         spec + "  authorities:\n" + Key("k", file) + "  signatures: {require: [{any: [k]}]}\n";
}

// The scanner does not know where an image will run.
TEST(SignaturePolicy, WithoutANamespaceEveryRuleThatCouldMatchCounts) {
  const auto set =
      PolicySet::Parse({{"/etc/p/p.yaml", Named("a", "  namespaces: [prod]\n", "release.pub") +
                                              "---\n" + Named("b", "", "other.pub") + "---\n" +
                                              Named("never", "", "release.pub")}},
                       ReadTestFile);
  ASSERT_THAT(set, IsOk());
  EXPECT_THAT(set->RequirementsFor(Repo("nginx"), "prod"), SizeIs(1));
  const auto all = set->RequirementsFor(Repo("nginx"));
  ASSERT_THAT(all, SizeIs(2));  // the third never matches first
  EXPECT_EQ(all[0].requirement->name, "a");
  EXPECT_EQ(all[1].requirement->name, "b");
}

TEST(SignaturePolicy, OneFingerprintCountsOnce) {
  const std::string twice =
      "  authorities:\n" + Key("k") + "  signatures: {require: [{any: [k]}, {all: [k]}]}\n";
  const auto set = ParseSpec(twice);
  ASSERT_THAT(set, IsOk());
  EXPECT_THAT(set->RequirementsFor(Repo("nginx")), SizeIs(1));
  EXPECT_THAT(set->RequirementsFor(Repo("nginx"), "any"), SizeIs(2));  // one report each
}

TEST(SignaturePolicy, TheVersionChangesWithAKeysFile) {
  const std::string spec =
      "  authorities:\n" + Key("k") + "  signatures: {require: [{any: [k]}]}\n";
  const auto one = ParseSpec(spec);
  const auto two = ParseSpec(spec, [](const std::string&, std::size_t) {
    return Result<std::string>(TestFiles().at("/etc/p/other.pub"));
  });
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  EXPECT_NE(one->version(), two->version());
}

TEST(SignaturePolicy, SaysWhichAuthorityNobodyAsks) {
  const auto set = ParseSpec("  authorities:\n" + Key("k") + Key("idle", "other.pub") +
                             "  signatures: {require: [{any: [k]}]}\n");
  ASSERT_THAT(set, IsOk());
  EXPECT_THAT(set->notes(), ElementsAre(AllOf(HasSubstr("/etc/p/p.yaml:7:"),
                                              HasSubstr("spec.authorities[1].name"),
                                              HasSubstr("nothing asks for authority \"idle\""))));
}

TEST(SignaturePolicy, TakesKeysFromTheText) {
  std::string pem = TestFiles().at("/etc/p/release.pub");
  for (std::size_t at = 0; (at = pem.find('\n', at)) != pem.npos; at += 13)
    pem.replace(at, 1, "\n            ");
  EXPECT_THAT(
      ParseSpec("  authorities:\n    - name: k\n      keys:\n        - data: |\n            " +
                pem + "\n        - {file: other.pub}\n"),
      IsOk());
}

// Two of (a, b), (b, c), (a, c) may share authorities where one branch is enough.
TEST(SignaturePolicy, BranchesOfAnyMayShareAuthorities) {
  EXPECT_THAT(ParseSpec("  authorities:\n" + Key("a") + Key("b", "other.pub") +
                        "  signatures: {require: [{any: [{all: [a, b]}, {all: [b]}, a]}]}\n"),
              IsOk());
}

struct Bad {
  std::string name;
  std::string lines;
  std::string path;
  std::string why;
};

class SignaturePolicyRejects : public ::testing::TestWithParam<Bad> {};

TEST_P(SignaturePolicyRejects, WithPathAndReason) {
  const auto set = ParseSpec(GetParam().lines);
  ASSERT_THAT(set, ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(set.error().message(),
              AllOf(HasSubstr(GetParam().path + ": "), HasSubstr(GetParam().why)));
}

// An authority with these lines, which a signature entry asks for.
std::string One(const std::string& lines) {
  return "  authorities:\n    - name: a\n" + lines + "  signatures: {require: [{any: [a]}]}\n";
}
std::string Identity(const std::string& identity) {
  return One("      keyless: {identities: [" + identity + "]}\n");
}
std::string Require(const std::string& entry) {
  return "  authorities:\n" + Key("a") + Key("b", "other.pub") + Key("same") +
         "  signatures: {require: [" + entry + "]}\n";
}
std::string Signatures(const std::string& more) {
  return "  authorities:\n" + Key("a") + "  signatures: {require: [{any: [a]}], " + more + "}\n";
}
std::string Attest(const std::string& more) {
  return "  authorities:\n" + Key("a") + "  attestations: [{any: [a], " + more + "}]\n";
}
std::string Conditions(const std::string& condition) {
  return Attest("type: vuln, conditions: [" + condition + "]");
}

const std::string kGood = "issuer: https://i.example, subject: s@x.example";

INSTANTIATE_TEST_SUITE_P(
    Authorities, SignaturePolicyRejects,
    ::testing::Values(
        Bad{"NoName", "  authorities: [{key: {file: release.pub}}]\n", "spec.authorities[0]",
            "\"name\" is missing"},
        Bad{"BadName", "  authorities:\n" + Key("a b"), "spec.authorities[0].name", "letters"},
        Bad{"NameTwice", "  authorities:\n" + Key("a") + Key("a", "other.pub"),
            "spec.authorities[1].name", "used twice, first at /etc/p/p.yaml:6:"},
        Bad{"NoKind", One(""), "spec.authorities[0]", "found none"},
        Bad{"TwoKinds",
            One("      key: {file: release.pub}\n      keyless: {identities: [{" + kGood + "}]}\n"),
            "spec.authorities[0]", "found \"key\" and \"keyless\""},
        Bad{"UnknownKey", One("      key: {file: release.pub}\n      requireTLog: true\n"),
            "spec.authorities[0].requireTLog", "did you mean \"requireTlog\"?"},
        Bad{"NoKeys", One("      keys: []\n"), "spec.authorities[0].keys", "want a list of 1 to"},
        Bad{"KeyIsMissing", One("      key: {file: none.pub}\n"), "spec.authorities[0].key.file",
            "\"/etc/p/none.pub\""},
        Bad{"KeyIsPrivate", One("      key: {file: private.pem}\n"), "spec.authorities[0].key.file",
            "private"},
        Bad{"KeyIsACertificate", One("      key: {file: root.pem}\n"),
            "spec.authorities[0].key.file", "certificate"},
        Bad{"KeyIsNone", One("      keys: [{data: hello}]\n"), "spec.authorities[0].keys[0].data",
            ""},
        Bad{"KeyTwice", One("      keys: [{file: release.pub}, {file: release.pub}]\n"),
            "spec.authorities[0].keys[1].file", "the same key"},
        Bad{"FileAndData", One("      key: {file: release.pub, data: x}\n"),
            "spec.authorities[0].key", "either \"file\""},
        Bad{"NeitherFileNorData", One("      key: {}\n"), "spec.authorities[0].key",
            "either \"file\""},
        Bad{"PathWithoutMapping", One("      key: release.pub\n"), "spec.authorities[0].key",
            "want a mapping"},
        Bad{"TimeIsNone", One("      key: {file: release.pub}\n      validFor: {end: tomorrow}\n"),
            "spec.authorities[0].validFor.end", "RFC 3339"},
        Bad{"EndsBeforeItStarts",
            One("      key: {file: release.pub}\n      validFor: {start: 2027-01-01T00:00:00Z, "
                "end: 2026-01-01T00:00:00Z}\n"),
            "spec.authorities[0].validFor", "ends before it starts"},
        Bad{"AnnotationIsAList",
            One("      key: {file: release.pub}\n      annotations: {env: [prod]}\n"),
            "spec.authorities[0].annotations.env", "want a name and a text"},
        Bad{"NoIdentities", One("      keyless: {}\n"), "spec.authorities[0].keyless",
            "at least one identity"},
        Bad{"EmptyIdentities", One("      keyless: {identities: []}\n"),
            "spec.authorities[0].keyless.identities", "at least one identity"},
        Bad{"EmptyIdentity", Identity("{}"), "spec.authorities[0].keyless.identities[0]",
            "want \"issuer\" or \"issuerRegExp\""},
        Bad{"NoIssuer", Identity("{subject: s@x.example}"),
            "spec.authorities[0].keyless.identities[0]", "want \"issuer\" or \"issuerRegExp\""},
        Bad{"NoSubject", Identity("{issuer: https://i.example}"),
            "spec.authorities[0].keyless.identities[0]", "want \"subject\" or \"subjectRegExp\""},
        Bad{"EmptySubject", Identity("{issuer: https://i.example, subject: \"\"}"),
            "spec.authorities[0].keyless.identities[0].subject", ""},
        Bad{"SubjectTwoWays", Identity("{" + kGood + ", subjectRegExp: ^a.*$}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", "want one of them"},
        Bad{"SubjectAsGlob",
            Identity("{issuer: https://i.example, subject: \"https://x.example/*\"}"),
            "spec.authorities[0].keyless.identities[0].subject", "\"subjectRegExp\" for a pattern"},
        Bad{"Unanchored",
            Identity("{issuer: https://i.example, subjectRegExp: \"https://x[.]example/.*\"}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp",
            "want \"^https://x[.]example/.*$\""},
        Bad{"AnchoredAtTheStart",
            Identity("{issuer: https://i.example, subjectRegExp: ^https://x}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", "want \"^https://x$\""},
        Bad{"AnchoredAtTheEnd", Identity("{issuer: https://i.example, subjectRegExp: \"x$\"}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", "want \"^x$\""},
        Bad{"EscapedAnchor", Identity("{issuer: https://i.example, subjectRegExp: '^x\\$'}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", "not anchored"},
        Bad{"HalfAnchoredEach", Identity("{issuer: https://i.example, subjectRegExp: \"^a|b$\"}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", "want \"^(?:a|b)$\""},
        Bad{"MatchesEverybody", Identity("{issuer: https://i.example, subjectRegExp: \"^.*$\"}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", ""},
        Bad{"NoSyntax", Identity("{issuer: https://i.example, subjectRegExp: \"^(a$\"}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", ""},
        Bad{"Lookahead", Identity("{issuer: https://i.example, subjectRegExp: \"^(?=a)b$\"}"),
            "spec.authorities[0].keyless.identities[0].subjectRegExp", ""},
        Bad{"MisspeltSubject", Identity("{" + kGood + ", subjectRegex: ^a.*$}"),
            "spec.authorities[0].keyless.identities[0].subjectRegex",
            "did you mean \"subjectRegExp\"?"},
        Bad{"UnknownExtension", Identity("{" + kGood + ", extensions: {repository: x}}"),
            "spec.authorities[0].keyless.identities[0].extensions.repository",
            "sourceRepositoryURI"},
        Bad{"ExtensionTwice",
            Identity("{" + kGood +
                     ", extensions: {sourceRepositoryRef: a}, extensionsRegExp: "
                     "{sourceRepositoryRef: ^a.$}}"),
            "spec.authorities[0].keyless.identities[0].extensionsRegExp.sourceRepositoryRef",
            "want it once"},
        Bad{"TlogThresholdZero",
            One("      keyless: {identities: [{" + kGood + "}], tlogThreshold: 0}\n"),
            "spec.authorities[0].keyless.tlogThreshold", "from 1"},
        Bad{"ThresholdAboveTheNumber",
            One("      keyless: {identities: [{" + kGood + "}], sctThreshold: 64}\n"),
            "spec.authorities[0].keyless.sctThreshold", "no trusted root has more than"},
        Bad{"RootWithoutAuthorities",
            One("      keyless: {identities: [{" + kGood +
                "}]}\n      trustedRoots: [{file: logs.json}]\n"),
            "spec.authorities[0].keyless", "no certificate authority"},
        Bad{"TimestampWithoutAuthority",
            One("      key: {file: release.pub}\n      requireTimestamp: true\n      trustedRoots: "
                "[{file: logs.json}]\n"),
            "spec.authorities[0].requireTimestamp", "timestamp authorities"},
        Bad{"NoRoots", One("      key: {file: release.pub}\n      trustedRoots: []\n"),
            "spec.authorities[0].trustedRoots", "want a list of 1 to"},
        Bad{"UnknownRoot", One("      key: {file: release.pub}\n      trustedRoots: [staging]\n"),
            "spec.authorities[0].trustedRoots[0]", "\"public-good\""},
        Bad{"MissingRoot",
            One("      key: {file: release.pub}\n      trustedRoots: [{file: none.json}]\n"),
            "spec.authorities[0].trustedRoots[0].file", "none.json"},
        Bad{"DamagedRoot",
            One("      key: {file: release.pub}\n      trustedRoots: [{file: bad.json}]\n"),
            "spec.authorities[0].trustedRoots[0].file", "bad.json"},
        Bad{"CertificateWithoutRoots",
            One("      certificate: {identities: [{subject: s@x.example}]}\n"),
            "spec.authorities[0].certificate", "\"roots\" is missing"},
        Bad{"CertificateWithoutIdentities", One("      certificate: {roots: {file: root.pem}}\n"),
            "spec.authorities[0].certificate", "at least one identity"},
        Bad{"LeafAsRoot",
            One("      certificate: {roots: {file: leaf.pem}, identities: [{subject: "
                "s@x.example}]}\n"),
            "spec.authorities[0].certificate.roots.file", "is no authority's"},
        Bad{"TextAsRoot",
            One("      certificate: {roots: {file: text}, identities: [{subject: s@x.example}]}\n"),
            "spec.authorities[0].certificate.roots.file", ""},
        Bad{"IssuerOfAnOwnAuthority",
            One("      certificate: {roots: {file: root.pem}, identities: [{" + kGood + "}]}\n"),
            "spec.authorities[0].certificate.identities[0].issuer", "unknown key"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Entries, SignaturePolicyRejects,
    ::testing::Values(
        Bad{"UnknownAuthority", Require("{any: [c]}"), "spec.signatures.require[0].any[0]",
            "no authority is named \"c\": want one of \"a\", \"b\", \"same\""},
        Bad{"NoAuthoritiesAtAll", "  signatures: {require: [{any: [c]}]}\n",
            "spec.signatures.require[0].any[0]", "\"authorities\" has none"},
        Bad{"NoGroup", Require("{images: [\"reg.example/*\"]}"), "spec.signatures.require[0]",
            "want one of"},
        Bad{"TwoGroups", Require("{any: [a], all: [b]}"), "spec.signatures.require[0]",
            "want one of"},
        Bad{"EmptyGroup", Require("{any: []}"), "spec.signatures.require[0].any",
            "want a list of 1 to"},
        Bad{"NumberWithoutOf", Require("{atLeast: 1}"), "spec.signatures.require[0]",
            "want one of"},
        Bad{"OfWithoutNumber", Require("{of: [a, b]}"), "spec.signatures.require[0]",
            "want one of"},
        Bad{"AtLeastZero", Require("{atLeast: 0, of: [a, b]}"),
            "spec.signatures.require[0].atLeast", "from 1"},
        Bad{"AtLeastNegative", Require("{atLeast: -1, of: [a, b]}"),
            "spec.signatures.require[0].atLeast", "from 1"},
        Bad{"AtLeastMoreThanThereAre", Require("{atLeast: 3, of: [a, b]}"),
            "spec.signatures.require[0].atLeast", "3 of 2"},
        Bad{"NameTwiceInAGroup", Require("{atLeast: 2, of: [a, a]}"),
            "spec.signatures.require[0].of[1]", "before"},
        Bad{"NameTwiceInBranches", Require("{all: [a, {any: [a, b]}]}"),
            "spec.signatures.require[0].all", "\"a\" would count twice"},
        Bad{"OneKeyUnderTwoNames", Require("{atLeast: 2, of: [a, same]}"),
            "spec.signatures.require[0].of", "\"a\" and \"same\" have the same key"},
        Bad{"TooDeep", Require("{any: [{any: [{any: [{any: [{any: [a]}]}]}]}]}"),
            "spec.signatures.require[0].any[0].any[0].any[0].any[0]", "deeper than 4"},
        Bad{"UnknownKeyOfAGroup", Require("{any: [{anyOf: [a]}]}"),
            "spec.signatures.require[0].any[0].anyOf", "unknown key"},
        Bad{"BadPattern", Require("{any: [a], images: [debian]}"),
            "spec.signatures.require[0].images[0]", "HOST/PATH"},
        Bad{"NoPattern", Require("{any: [a], images: []}"), "spec.signatures.require[0].images",
            "want a pattern"},
        Bad{"NoEntries", "  signatures: {require: []}\n", "spec.signatures.require", "want 1 to"},
        Bad{"UnknownDefault", Signatures("default: deny"), "spec.signatures.default",
            "notRequired or require"},
        Bad{"RequiredOfNobody", "  signatures: {default: require}\n", "spec.signatures",
            "no image could meet it"},
        Bad{"OutvotedByNobody", "  signatures: {outvote: [suspicious]}\n", "spec.signatures",
            "no signature could do it"},
        Bad{"OutvoteUnknownVerdict", Signatures("outvote: [unknown]"), "spec.signatures.outvote[0]",
            "want affected_version, suspicious or affected"},
        Bad{"RepositoryWithTag", Signatures("signatureRepository: \"reg.example/sigs:v1\""),
            "spec.signatures.signatureRepository", "without tag or digest"},
        Bad{"RepositoryOfBadGrammar", Signatures("signatureRepository: \"reg.example/SIGS\""),
            "spec.signatures.signatureRepository", ""},
        Bad{"UnknownOutcome", "  outcomes: {signatures: {missing: deny}}\n",
            "spec.outcomes.signatures.missing", "unknown key"},
        Bad{"NoType", Attest("which: any"), "spec.attestations[0]", "\"type\" is missing"},
        Bad{"UnknownType", Attest("type: slsa"), "spec.attestations[0].type", ""},
        Bad{"UnknownWhich", Attest("type: vuln, which: latest"), "spec.attestations[0].which",
            "newest, all or any"},
        Bad{"NoPointer", Conditions("{equals: a}"), "spec.attestations[0].conditions[0]",
            "\"at\" is missing"},
        Bad{"BadPointer", Conditions("{at: $.a, equals: a}"),
            "spec.attestations[0].conditions[0].at", "JSON pointer"},
        Bad{"NoWay", Conditions("{at: /a}"), "spec.attestations[0].conditions[0]", "found none"},
        Bad{"TwoWays", Conditions("{at: /a, equals: a, atMost: 1}"),
            "spec.attestations[0].conditions[0]", "found several"},
        Bad{"EmptyNone", Conditions("{at: /a, none: []}"),
            "spec.attestations[0].conditions[0].none", "want a list of 1 to"},
        Bad{"NotPresent", Conditions("{at: /a, present: false}"),
            "spec.attestations[0].conditions[0].present", "want true"},
        Bad{"UnanchoredMatch", Conditions("{at: /a, noneMatch: CVE-2024}"),
            "spec.attestations[0].conditions[0].noneMatch", "want \"^CVE-2024$\""},
        Bad{"TextAsNumber", Conditions("{at: /a, atMost: high}"),
            "spec.attestations[0].conditions[0].atMost", "want a number"},
        Bad{"InfiniteNumber", Conditions("{at: /a, atMost: inf}"),
            "spec.attestations[0].conditions[0].atMost", "want a number"},
        Bad{"NoAge", Conditions("{at: /a, youngerThan: 0s}"),
            "spec.attestations[0].conditions[0].youngerThan", "a duration"}),
    [](const auto& test) { return test.param.name; });

TEST(SignaturePolicy, SaysEveryProblemInOneGo) {
  const auto set = ParseSpec("  authorities:\n" + Key("a", "private.pem") + Key("b", "none.pub") +
                             "  signatures: {require: [{any: [c]}]}\n  attestations: [{type: vuln, "
                             "any: [a], which: x}]\n");
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message(),
              AllOf(HasSubstr("authorities[0].key.file"), HasSubstr("authorities[1].key.file"),
                    HasSubstr("require[0].any[0]"), HasSubstr("attestations[0].which")));
}

TEST(SignaturePolicy, WithoutAReaderFilesAreProblems) {
  EXPECT_THAT(ParseSpec("  authorities:\n" + Key("a"), FileReader()),
              ErrorIs(ErrorCode::kInvalidArgument, "no files can be read here"));
}

TEST(SignaturePolicy, EachFileIsReadOnce) {
  int reads = 0;
  const auto set = ParseSpec("  authorities:\n" + Key("a") + Key("b"),
                             [&reads](const std::string& path, std::size_t max_bytes) {
                               ++reads;
                               return ReadTestFile(path, max_bytes);
                             });
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace xzgate::policy
