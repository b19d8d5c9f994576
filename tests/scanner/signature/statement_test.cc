#include "scanner/signature/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "scanner/signature/bundle.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::signature {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::With;
using ::xzgate::testing::Without;

const std::string kHexA(64, 'a');
const std::string kHexB(64, 'b');
constexpr std::string_view kV1 = "https://in-toto.io/Statement/v1";
constexpr std::string_view kV01 = "https://in-toto.io/Statement/v0.1";

json::Value Good() {
  return json::Object{
      {"_type", kV1},
      {"subject", json::Array{json::Object{{"name", "registry.test/shop/api"},
                                           {"digest", json::Object{{"sha256", kHexA}}}}}},
      {"predicateType", "https://slsa.dev/provenance/v1"},
      {"predicate", json::Object{{"buildDefinition", json::Object{}}}}};
}

oci::Digest DigestOf(const std::string& text) {
  return *oci::Digest::Parse(text);
}

TEST(ParseStatement, ReadsItsMembers) {
  const auto statement = ParseStatement(json::Encode(
      With(Good(), "subject.0.annotations", json::Object{{"env", "prod"}, {"count", 1}})));
  ASSERT_THAT(statement, IsOk());
  EXPECT_EQ(statement->predicate_type, "https://slsa.dev/provenance/v1");
  EXPECT_NE(statement->predicate.Find("buildDefinition"), nullptr);
  ASSERT_THAT(statement->subjects, SizeIs(1));
  EXPECT_EQ(statement->subjects[0].name, "registry.test/shop/api");
  EXPECT_THAT(statement->subjects[0].digests, ElementsAre(Pair("sha256", kHexA)));
  EXPECT_THAT(statement->subjects[0].annotations, ElementsAre(Pair("env", "prod")));
}

TEST(ParseStatement, HasANullPredicateWhereThereIsNone) {
  for (const json::Value& document :
       {Without(Good(), "predicate"), With(Good(), "predicate", json::Value())}) {
    const auto statement = ParseStatement(json::Encode(document));
    ASSERT_THAT(statement, IsOk());
    EXPECT_TRUE(statement->predicate.is_null());
  }
}

using Change = std::function<json::Value(json::Value)>;
Change Set(std::string path, json::Value value) {
  return [path, value](json::Value v) { return With(std::move(v), path, value); };
}
Change Drop(std::string path) {
  return [path](json::Value v) { return Without(std::move(v), path); };
}
json::Value Subjects(std::size_t count) {
  return json::Array(count, json::Object{{"digest", json::Object{{"sha256", kHexA}}}});
}
json::Value Digests(std::size_t count) {
  json::Object digests;
  for (std::size_t i = 0; i < count; ++i) digests.emplace_back("alg" + std::to_string(i), kHexA);
  return digests;
}
json::Value Deep(std::size_t levels) {
  json::Value value = json::Object{};
  for (std::size_t i = 1; i < levels; ++i) value = json::Object{{"a", std::move(value)}};
  return value;
}

struct Accepted {
  const char* name;
  Change change;
};
class StatementAccepts : public ::testing::TestWithParam<Accepted> {};

TEST_P(StatementAccepts, WhatTheSpecificationAllows) {
  const auto statement = ParseStatement(json::Encode(GetParam().change(Good())));
  ASSERT_THAT(statement, IsOk());
  EXPECT_NE(statement->FindSubject(DigestOf("sha256:" + kHexA)), nullptr);
}

const Accepted kAccepted[] = {
    {"V01", Set("_type", kV01)},
    {"EmptyPredicate", Set("predicate", json::Object{})},
    {"NoName", Drop("subject.0.name")},
    {"NullName", Set("subject.0.name", json::Value())},
    {"NullAnnotations", Set("subject.0.annotations", json::Value())},
    {"UnknownAtTop", Set("extra", 1)},
    {"UnknownInSubject", Set("subject.0.extra", json::Array{})},
    {"ResourceDescriptor", Set("subject.0.uri", "https://x.test/y")},
    // Build arguments: names of the signer's, not of the format.
    {"CaseVariantsInPredicate",
     Set("predicate.args", json::Object{{"http_proxy", "a"}, {"HTTP_PROXY", "b"}})},
    {"OtherDigestsToo", Set("subject.0.digest.gitCommit", "abc")},
    {"SecondSubject", Set("subject.1", json::Object{{"digest", json::Object{{"sha256", kHexB}}}})},
    {"MostSubjects", Set("subject", Subjects(kMaxSubjects))},
    {"MostDigests",
     [](json::Value v) {
       return With(With(std::move(v), "subject.0.digest", Digests(kMaxDigestsOfSubject - 1)),
                   "subject.0.digest.sha256", kHexA);
     }},
    {"DeepPredicate", Set("predicate", Deep(60))},
};
INSTANTIATE_TEST_SUITE_P(All, StatementAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& one) { return std::string(one.param.name); });

struct Refused {
  const char* name;
  Change change;
  const char* text;
  ErrorCode code = ErrorCode::kInvalidArgument;
};
class StatementRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(StatementRefuses, WithThePath) {
  EXPECT_THAT(ParseStatement(json::Encode(GetParam().change(Good()))),
              ErrorIs(GetParam().code, GetParam().text));
}

const Refused kRefused[] = {
    {"NoType", Drop("_type"), "_type: missing"},
    {"OtherType", Set("_type", "https://in-toto.io/Statement/v2"), "$._type: want"},
    {"TypeWithSlash", Set("_type", "https://in-toto.io/Statement/v1/"), "$._type: want"},
    {"HttpType", Set("_type", "http://in-toto.io/Statement/v1"), "$._type: want"},
    {"TypeAsNumber", Set("_type", 1), "_type: want string"},
    {"NoSubject", Drop("subject"), "$.subject: want at least one"},
    {"NullSubject", Set("subject", json::Value()), "$.subject: want at least one"},
    {"EmptySubject", Set("subject", json::Array{}), "$.subject: want at least one"},
    {"SubjectAsObject", Set("subject", json::Object{}), "subject: want array"},
    {"SubjectAsText", Set("subject.0", kHexA), "$.subject[0]: want object"},
    {"NoDigest", Drop("subject.0.digest"), "$.subject[0]: no digest"},
    {"EmptyDigest", Set("subject.0.digest", json::Object{}), "$.subject[0]: no digest"},
    {"DigestAsText", Set("subject.0.digest", "sha256:" + kHexA), "digest: want object"},
    {"DigestValueAsNumber", Set("subject.0.digest.sha256", 1), "sha256: want string"},
    {"DigestValueAsList", Set("subject.0.digest.sha256", json::Array{kHexA}), "want string"},
    {"NameAsNumber", Set("subject.0.name", 1), "name: want string"},
    {"AnnotationsAsList", Set("subject.0.annotations", json::Array{}),
     "$.subject[0].annotations: want object"},
    {"SecondSubjectIsBad", Set("subject.1", json::Object{}), "$.subject[1]: no digest"},
    {"NoPredicateType", Drop("predicateType"), "predicateType: missing"},
    {"NullPredicateType", Set("predicateType", json::Value()), "predicateType: missing"},
    {"EmptyPredicateType", Set("predicateType", ""), "$.predicateType: empty"},
    {"PredicateTypeAsNumber", Set("predicateType", 1), "predicateType: want string"},
    {"PredicateTypeAsList", Set("predicateType", json::Array{"x"}), "predicateType: want string"},
    {"PredicateAsList", Set("predicate", json::Array{}), "$.predicate: want object"},
    {"PredicateAsText", Set("predicate", "{}"), "$.predicate: want object"},
    {"CaseVariantOfPredicateType", Set("predicatetype", "x"), "\"predicatetype\""},
    {"CaseVariantOfSubject", Set("Subject", json::Array{}), "\"Subject\""},
    {"CaseVariantOfType", Set("_Type", kV1), "\"_Type\""},
    {"CaseVariantOfDigest", Set("subject.0.Digest", json::Object{}), "\"Digest\""},
    {"TooManySubjects", Set("subject", Subjects(kMaxSubjects + 1)),
     "$.subject: want at most 1024, found 1025", ErrorCode::kResourceExhausted},
    {"TooManyDigests", Set("subject.0.digest", Digests(kMaxDigestsOfSubject + 1)),
     "$.subject[0].digest: want at most 32 digests, found 33", ErrorCode::kResourceExhausted},
    {"TooDeep", Set("predicate", Deep(100)), "levels deep", ErrorCode::kResourceExhausted},
};
INSTANTIATE_TEST_SUITE_P(All, StatementRefuses, ::testing::ValuesIn(kRefused),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(ParseStatement, RefusesDuplicatesAndWhatIsNoObject) {
  const std::string good = json::Encode(Good());
  for (const std::string key :
       {"_type", "subject", "predicateType", "predicate", "name", "digest", "sha256"}) {
    const std::string name = "\"" + key + "\":";
    const std::size_t at = good.find(name);
    ASSERT_NE(at, good.npos) << key;
    EXPECT_THAT(ParseStatement(good.substr(0, at) + name + "null," + good.substr(at)),
                ErrorIs(ErrorCode::kInvalidArgument))
        << key;
  }
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), good + "x", "\xEF\xBB\xBF" + good}) {
    EXPECT_THAT(ParseStatement(text), ErrorIs(ErrorCode::kInvalidArgument));
  }
}

struct Match {
  const char* name;
  std::string algorithm;
  std::string hex;
  std::string digest;
  bool want;
};
class FindSubject : public ::testing::TestWithParam<Match> {};

TEST_P(FindSubject, ComparesAlgorithmAndHexAlone) {
  const auto statement = ParseStatement(json::Encode(
      With(Good(), "subject.0.digest", json::Object{{GetParam().algorithm, GetParam().hex}})));
  ASSERT_THAT(statement, IsOk());
  EXPECT_EQ(statement->FindSubject(DigestOf(GetParam().digest)) != nullptr, GetParam().want);
}

const Match kMatches[] = {
    {"TheSame", "sha256", kHexA, "sha256:" + kHexA, true},
    {"Sha512", "sha512", kHexA + kHexA, "sha512:" + kHexA + kHexA, true},
    {"AnotherDigest", "sha256", kHexB, "sha256:" + kHexA, false},
    {"UpperCaseHex", "sha256", std::string(64, 'A'), "sha256:" + kHexA, false},
    {"UpperCaseAlgorithm", "SHA256", kHexA, "sha256:" + kHexA, false},
    {"AnotherAlgorithm", "sha512", kHexA, "sha256:" + kHexA, false},
    {"AlgorithmInTheHex", "sha256", "sha256:" + kHexA, "sha256:" + kHexA, false},
    {"NewlineAfter", "sha256", kHexA + "\n", "sha256:" + kHexA, false},
    {"ZeroAfter", "sha256", kHexA + std::string(1, '\0'), "sha256:" + kHexA, false},
    {"OneDigitShort", "sha256", kHexA.substr(1), "sha256:" + kHexA, false},
    {"Empty", "sha256", "", "sha256:" + kHexA, false},
};
INSTANTIATE_TEST_SUITE_P(All, FindSubject, ::testing::ValuesIn(kMatches),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(FindSubjectOf, SeveralGivesTheOneThatMatches) {
  const auto statement = ParseStatement(json::Encode(
      With(Good(), "subject.1",
           json::Object{{"name", "other"}, {"digest", json::Object{{"sha256", kHexB}}}})));
  ASSERT_THAT(statement, IsOk());
  EXPECT_EQ(statement->FindSubject(DigestOf("sha256:" + kHexB))->name, "other");
  // A name that is a digest names nothing.
  EXPECT_EQ(statement->FindSubject(DigestOf("sha256:" + std::string(64, 'c'))), nullptr);
}

struct TypeName {
  const char* name;
  std::string text;
  std::string want;  // "": refused
};
class PredicateType : public ::testing::TestWithParam<TypeName> {};

TEST_P(PredicateType, OfAShortNameOrAUri) {
  const auto type = PredicateTypeOf(GetParam().text);
  if (GetParam().want.empty()) {
    EXPECT_THAT(type, ErrorIs(ErrorCode::kInvalidArgument, "slsaprovenance1"));
  } else {
    ASSERT_THAT(type, IsOk());
    EXPECT_EQ(*type, GetParam().want);
  }
}

const TypeName kTypeNames[] = {
    {"Custom", "custom", "https://cosign.sigstore.dev/attestation/v1"},
    {"SlsaProvenance", "slsaprovenance", "https://slsa.dev/provenance/v0.2"},
    {"SlsaProvenance02", "slsaprovenance02", "https://slsa.dev/provenance/v0.2"},
    {"SlsaProvenance1", "slsaprovenance1", "https://slsa.dev/provenance/v1"},
    {"Spdx", "spdx", "https://spdx.dev/Document"},
    {"SpdxJson", "spdxjson", "https://spdx.dev/Document"},
    {"CycloneDx", "cyclonedx", "https://cyclonedx.org/bom"},
    {"Link", "link", "https://in-toto.io/Link/v1"},
    {"Vuln", "vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"},
    {"OpenVex", "openvex", "https://openvex.dev/ns"},
    {"Uri", "https://spdx.dev/Document/v2.3", "https://spdx.dev/Document/v2.3"},
    {"Urn", "urn:example:type", "urn:example:type"},
    {"OtherCase", "SPDX", ""},
    {"Misspelt", "slsaprovenance2", ""},
    {"Empty", "", ""},
    {"NoScheme", "://x", ""},
    {"SchemeAlone", "https:", ""},
    {"SchemeStartsWithDigit", "1a:b", ""},
    {"Space", "https://a b", ""},
    {"Newline", "https://a\n", ""},
    {"NotAscii", "https://\xC3\xA9", ""},
};
INSTANTIATE_TEST_SUITE_P(All, PredicateType, ::testing::ValuesIn(kTypeNames),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace xzgate::signature
