// `authorities`, `signatures` and `attestations` of an ImagePolicy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/named_files_fixture.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {
namespace {

using signature::Requirement;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
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

// Such as GitHub's own Fulcio for private repositories: no certificate log, and no Rekor.
TEST(SignaturePolicy, AnOwnAuthorityMayHaveIssuersAndExtensions) {
  const auto set = ParseSpec(R"(  authorities:
    - name: a
      certificate:
        roots: {file: root.pem}
        identities:
          - issuer: https://issuer.example
            subjectRegExp: ^https://.*$
            extensions: {sourceRepositoryOwnerURI: https://ci.example/acme}
  signatures: {require: [{any: [a]}]}
)");
  ASSERT_THAT(set, IsOk());
  const auto& authority = *set->rules()[0].signature_rules[0].sealed.requirement->authorities[0];
  const auto& identity = std::get<signature::CertificateAuthority>(authority.kind).identities[0];
  EXPECT_TRUE(identity.issuer->Matches("https://issuer.example"));
  EXPECT_THAT(identity.extensions, SizeIs(1));
}

TEST_F(FullPolicy, ReadsGroups) {
  const signature::Group& all = *Entry(0).signatures;
  EXPECT_EQ(all.at_least, 2U);
  EXPECT_THAT(all.authorities, ElementsAre("release-key"));
  ASSERT_THAT(all.groups, SizeIs(1));
  EXPECT_EQ(all.groups[0].at_least, 1U);
  EXPECT_THAT(all.groups[0].authorities, ElementsAre("our-ci", "corp-ca"));
  EXPECT_FALSE(all.by_different_signers);
  EXPECT_EQ(Entry(1).signatures->at_least, 2U);
  EXPECT_TRUE(Entry(1).signatures->by_different_signers);
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
