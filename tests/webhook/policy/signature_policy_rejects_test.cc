// What `authorities`, `signatures` and `attestations` of an ImagePolicy must not say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/named_files_fixture.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;

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

const Bad kBad[] = {
    // Authorities.

    Bad{"NoName", "  authorities: [{key: {file: release.pub}}]\n", "spec.authorities[0]",
        "\"name\" is missing"},
    Bad{"BadName", "  authorities:\n" + Key("a b"), "spec.authorities[0].name",
        "letters, digits, '-', '_' and '.', found \"a b\""},
    Bad{"NameTwice", "  authorities:\n" + Key("a") + Key("a", "other.pub"),
        "spec.authorities[1].name", "used twice, first at /etc/p/p.yaml:6:"},
    Bad{"NoKind", One(""), "spec.authorities[0]", "found none"},
    Bad{"TwoKinds",
        One("      key: {file: release.pub}\n      keyless: {identities: [{" + kGood + "}]}\n"),
        "spec.authorities[0]", "found \"key\" and \"keyless\""},
    Bad{"UnknownKey", One("      key: {file: release.pub}\n      requireTLog: true\n"),
        "spec.authorities[0].requireTLog", "did you mean \"requireTlog\"?"},
    Bad{"OptionOfTheAuthorityInItsKey", One("      key: {file: release.pub, requireTlog: true}\n"),
        "spec.authorities[0].key.requireTlog",
        "unknown key: belongs to the authority, beside its \"name\""},
    Bad{"KeyInAKms", One("      key: {kms: \"awskms://x\"}\n"), "spec.authorities[0].key.kms",
        "unknown key: keys are not fetched: want the public half in a file"},
    Bad{"RootsInKeyless",
        One("      keyless: {identities: [{" + kGood + "}], trustedRoots: [public-good]}\n"),
        "spec.authorities[0].keyless.trustedRoots", "belongs to the authority"},
    Bad{"IdentitiesOfTheAuthority", One("      identities: [{" + kGood + "}]\n"),
        "spec.authorities[0].identities", "belongs under \"keyless\" or \"certificate\""},
    Bad{"NoKeys", One("      keys: []\n"), "spec.authorities[0].keys", "want a list of 1 to"},
    Bad{"KeyIsMissing", One("      key: {file: none.pub}\n"), "spec.authorities[0].key.file",
        "\"/etc/p/none.pub\""},
    Bad{"KeyIsPrivate", One("      key: {file: private.pem}\n"), "spec.authorities[0].key.file",
        "private"},
    Bad{"KeyIsACertificate", One("      key: {file: root.pem}\n"), "spec.authorities[0].key.file",
        "certificate"},
    Bad{"KeyIsNone", One("      keys: [{data: hello}]\n"), "spec.authorities[0].keys[0].data", ""},
    Bad{"KeyTwice", One("      keys: [{file: release.pub}, {file: release.pub}]\n"),
        "spec.authorities[0].keys[1].file", "the same key"},
    Bad{"FileAndData", One("      key: {file: release.pub, data: x}\n"), "spec.authorities[0].key",
        "either \"file\""},
    Bad{"NeitherFileNorData", One("      key: {}\n"), "spec.authorities[0].key", "either \"file\""},
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
    Bad{"NoIssuer", Identity("{subject: s@x.example}"), "spec.authorities[0].keyless.identities[0]",
        "want \"issuer\" or \"issuerRegExp\""},
    Bad{"NoSubject", Identity("{issuer: https://i.example}"),
        "spec.authorities[0].keyless.identities[0]", "want \"subject\" or \"subjectRegExp\""},
    Bad{"EmptySubject", Identity("{issuer: https://i.example, subject: \"\"}"),
        "spec.authorities[0].keyless.identities[0].subject", ""},
    Bad{"SubjectOfNothing", Identity("{issuer: https://i.example, subject: }"),
        "spec.authorities[0].keyless.identities[0].subject", "want a text, found nothing"},
    Bad{"SubjectTwoWays", Identity("{" + kGood + ", subjectRegExp: ^a.*$}"),
        "spec.authorities[0].keyless.identities[0].subjectRegExp", "want one of them"},
    Bad{"SubjectAsGlob", Identity("{issuer: https://i.example, subject: \"https://x.example/*\"}"),
        "spec.authorities[0].keyless.identities[0].subject", "\"subjectRegExp\" for a pattern"},
    Bad{"Unanchored",
        Identity("{issuer: https://i.example, subjectRegExp: \"https://x[.]example/.*\"}"),
        "spec.authorities[0].keyless.identities[0].subjectRegExp",
        "want \"^https://x[.]example/.*$\""},
    Bad{"PlainFolder",
        Identity("{issuer: https://i.example, subjectRegExp: \"https://github.com/acme/\"}"),
        "spec.authorities[0].keyless.identities[0].subjectRegExp",
        "want \"^https://github[.]com/acme/.*$\""},
    Bad{"UnescapedDots",
        Identity("{issuer: https://i.example, subjectRegExp: \"https://github.com/acme/.*\"}"),
        "spec.authorities[0].keyless.identities[0].subjectRegExp",
        "want \"^https://github[.]com/acme/.*$\""},
    Bad{"SubjectOfAnyHost",
        Identity("{issuer: https://i.example, subjectRegExp: \"^https://.*$\"}"),
        "spec.authorities[0].keyless.identities[0].subjectRegExp", "leaves the host open"},
    Bad{"IssuerOfAnyHost",
        Identity("{issuerRegExp: \"^https://i[.]example.*$\", subject: s@x.example}"),
        "spec.authorities[0].keyless.identities[0].issuerRegExp", "leaves the host open"},
    Bad{"AnchoredAtTheStart", Identity("{issuer: https://i.example, subjectRegExp: ^https://x}"),
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
        "spec.authorities[0].keyless.identities[0].extensions.repository", "sourceRepositoryURI"},
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
        "spec.authorities[0].trustedRoots[0]",
        "want \"public-good\" or {file: PATH}, found \"staging\""},
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
    // Entries, of signatures and of attestations.

    Bad{"UnknownAuthority", Require("{any: [c]}"), "spec.signatures.require[0].any[0]",
        "no authority is named \"c\": want one of \"a\", \"b\", \"same\""},
    Bad{"NoAuthoritiesAtAll", "  signatures: {require: [{any: [c]}]}\n",
        "spec.signatures.require[0].any[0]", "\"authorities\" has none"},
    Bad{"NoGroup", Require("{images: [\"reg.example/*\"]}"), "spec.signatures.require[0]",
        "want one of"},
    Bad{"TwoGroups", Require("{any: [a], all: [b]}"), "spec.signatures.require[0]", "want one of"},
    Bad{"EmptyGroup", Require("{any: []}"), "spec.signatures.require[0].any",
        "want a list of 1 to"},
    Bad{"NumberWithoutOf", Require("{atLeast: 1}"), "spec.signatures.require[0]", "want one of"},
    Bad{"OfWithoutNumber", Require("{of: [a, b]}"), "spec.signatures.require[0]", "want one of"},
    Bad{"AtLeastZero", Require("{atLeast: 0, of: [a, b]}"), "spec.signatures.require[0].atLeast",
        "from 1"},
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
    Bad{"OutsideOfThePolicy",
        "  images: [\"reg.example/shop/**\", \"b.example/*\"]\n" +
            Require("{any: [a], images: [\"reg.example/shop/*\", \"reg.example/shopp/**\"]}"),
        "spec.signatures.require[0].images[1]",
        "\"reg.example/shopp/**\" covers no image of this policy: want one within its "
        "\"images\": \"reg.example/shop/**\", \"b.example/*\""},
    Bad{"AttestationOutsideOfThePolicy",
        "  images: [\"reg.example/shop/**\"]\n" +
            Attest("type: vuln, images: [\"reg.example/shop\"]"),
        "spec.attestations[0].images[0]", "covers no image of this policy"},
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
    Bad{"BadPointer", Conditions("{at: $.a, equals: a}"), "spec.attestations[0].conditions[0].at",
        "JSON pointer"},
    Bad{"NoWay", Conditions("{at: /a}"), "spec.attestations[0].conditions[0]", "found none"},
    Bad{"TwoWays", Conditions("{at: /a, equals: a, atMost: 1}"),
        "spec.attestations[0].conditions[0]", "found several"},
    Bad{"EmptyNone", Conditions("{at: /a, none: []}"), "spec.attestations[0].conditions[0].none",
        "want a list of 1 to"},
    Bad{"NotPresent", Conditions("{at: /a, present: false}"),
        "spec.attestations[0].conditions[0].present", "want true"},
    Bad{"UnanchoredMatch", Conditions("{at: /a, noneMatch: CVE-2024}"),
        "spec.attestations[0].conditions[0].noneMatch", "want \"^CVE-2024$\""},
    Bad{"TextAsNumber", Conditions("{at: /a, atMost: high}"),
        "spec.attestations[0].conditions[0].atMost", "want a number"},
    Bad{"InfiniteNumber", Conditions("{at: /a, atMost: inf}"),
        "spec.attestations[0].conditions[0].atMost", "want a number"},
    Bad{"NoAge", Conditions("{at: /a, youngerThan: 0s}"),
        "spec.attestations[0].conditions[0].youngerThan", "a duration"},
};

INSTANTIATE_TEST_SUITE_P(Table, SignaturePolicyRejects, ::testing::ValuesIn(kBad),
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

}  // namespace
}  // namespace xzgate::policy
