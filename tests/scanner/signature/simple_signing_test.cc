#include "scanner/signature/simple_signing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::signature {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::With;
using ::xzgate::testing::Without;

const std::string kHex(64, 'a');
const std::string kDigest = "critical.image.docker-manifest-digest";

json::Value Good() {
  return json::Object{
      {"critical",
       json::Object{{"identity", json::Object{{"docker-reference", "registry.test/shop/api"}}},
                    {"image", json::Object{{"docker-manifest-digest", "sha256:" + kHex}}},
                    {"type", "cosign container image signature"}}},
      {"optional", json::Object{{"creator", "cosign"}, {"timestamp", 123}, {"env", "prod"}}}};
}

TEST(ParseSimpleSigning, ReadsItsMembers) {
  const auto document = ParseSimpleSigning(json::Encode(Good()));
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->digest.ToString(), "sha256:" + kHex);
  EXPECT_EQ(document->docker_reference, "registry.test/shop/api");
  EXPECT_THAT(document->annotations, ElementsAre(Pair("creator", "cosign"), Pair("env", "prod")));
}

TEST(ParseSimpleSigning, HasNoAnnotationsWhereThereAreNone) {
  for (const json::Value& document :
       {Without(Good(), "optional"), With(Good(), "optional", json::Value()),
        With(Good(), "optional", json::Object{})}) {
    const auto read = ParseSimpleSigning(json::Encode(document));
    ASSERT_THAT(read, IsOk());
    EXPECT_THAT(read->annotations, IsEmpty());
  }
}

using Change = std::function<json::Value(json::Value)>;
Change Set(std::string path, json::Value value) {
  return [path, value](json::Value v) { return With(std::move(v), path, value); };
}
Change Drop(std::string path) {
  return [path](json::Value v) { return Without(std::move(v), path); };
}

struct Accepted {
  const char* name;
  Change change;
};
class SimpleSigningAccepts : public ::testing::TestWithParam<Accepted> {};

TEST_P(SimpleSigningAccepts, WhatCosignWrites) {
  EXPECT_THAT(ParseSimpleSigning(json::Encode(GetParam().change(Good()))), IsOk());
}

const Accepted kAccepted[] = {
    {"AsItIs", [](json::Value v) { return v; }},
    {"AnyReference", Set("critical.identity.docker-reference", "anything at all")},
    {"EmptyReference", Set("critical.identity.docker-reference", "")},
    {"Sha512", Set(kDigest, "sha512:" + kHex + kHex)},
    {"AnyOptional", Set("optional.deep", json::Object{{"a", json::Array{1, "x"}}})},
    {"CaseVariantsInOptional", Set("optional.Env", "x")},
};
INSTANTIATE_TEST_SUITE_P(All, SimpleSigningAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& one) { return std::string(one.param.name); });

struct Refused {
  const char* name;
  Change change;
  const char* text;
};
class SimpleSigningRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(SimpleSigningRefuses, WithThePath) {
  EXPECT_THAT(ParseSimpleSigning(json::Encode(GetParam().change(Good()))),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().text));
}

const Refused kRefused[] = {
    {"NoCritical", Drop("critical"), "$.critical: missing"},
    {"NullCritical", Set("critical", json::Value()), "$.critical: missing"},
    {"CriticalAsList", Set("critical", json::Array{}), "$.critical: want object"},
    {"UnknownAtTop", Set("extra", 1), "$: unknown member \"extra\""},
    {"UnknownInCritical", Set("critical.extra", 1), "$.critical: unknown member \"extra\""},
    {"UnknownInImage", Set("critical.image.extra", 1), "$.critical.image: unknown member"},
    {"UnknownInIdentity", Set("critical.identity.extra", 1), "$.critical.identity: unknown member"},
    {"NoType", Drop("critical.type"), "type: missing"},
    {"TypeOfOthers", Set("critical.type", "atomic container signature"), "$.critical.type: want"},
    {"TypeInOtherCase", Set("critical.type", "Cosign container image signature"),
     "$.critical.type: want"},
    {"TypeWithSpace", Set("critical.type", "cosign container image signature "),
     "$.critical.type: want"},
    {"TypeAsNumber", Set("critical.type", 1), "type: want string"},
    {"NoImage", Drop("critical.image"), "$.critical.image: missing"},
    {"NoDigest", Drop(kDigest), "docker-manifest-digest: missing"},
    // As the specification's own example spells it, and Go reads it.
    {"DigestKeyInOtherCase",
     [](json::Value v) {
       return With(Without(std::move(v), kDigest), "critical.image.Docker-manifest-digest",
                   "sha256:" + kHex);
     },
     "$.critical.image: unknown member \"Docker-manifest-digest\""},
    {"BothCasesOfTheDigestKey",
     Set("critical.image.Docker-manifest-digest", "sha256:" + std::string(64, 'b')),
     "Docker-manifest-digest"},
    {"CriticalInOtherCase", Set("Critical", json::Object{}), "Critical"},
    {"DigestInUpperCase", Set(kDigest, "sha256:" + std::string(64, 'A')), "docker-manifest-digest"},
    {"DigestWithoutAlgorithm", Set(kDigest, kHex), "docker-manifest-digest"},
    {"DigestOfOtherAlgorithm", Set(kDigest, "md5:" + std::string(32, 'a')),
     "docker-manifest-digest"},
    {"DigestWithNewline", Set(kDigest, "sha256:" + kHex + "\n"), "docker-manifest-digest"},
    {"DigestTooShort", Set(kDigest, "sha256:" + kHex.substr(1)), "docker-manifest-digest"},
    {"DigestTooLong", Set(kDigest, "sha256:" + kHex + "a"), "docker-manifest-digest"},
    {"DigestAsNumber", Set(kDigest, 1), "docker-manifest-digest: want string"},
    {"DigestAsList", Set(kDigest, json::Array{"sha256:" + kHex}), "want string"},
    {"NoIdentity", Drop("critical.identity"), "$.critical.identity: missing"},
    {"NoReference", Drop("critical.identity.docker-reference"), "docker-reference: missing"},
    {"ReferenceAsNumber", Set("critical.identity.docker-reference", 1), "want string"},
    {"OptionalAsList", Set("optional", json::Array{}), "$.optional: want object"},
    {"OptionalAsText", Set("optional", "x"), "$.optional: want object"},
};
INSTANTIATE_TEST_SUITE_P(All, SimpleSigningRefuses, ::testing::ValuesIn(kRefused),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(ParseSimpleSigning, RefusesDuplicatesAtEveryLevel) {
  const std::string good = json::Encode(Good());
  for (const std::string key : {"critical", "identity", "docker-reference", "image",
                                "docker-manifest-digest", "type", "optional", "env"}) {
    const std::string name = "\"" + key + "\":";
    const std::size_t at = good.find(name);
    ASSERT_NE(at, good.npos) << key;
    EXPECT_THAT(ParseSimpleSigning(good.substr(0, at) + name + "null," + good.substr(at)),
                ErrorIs(ErrorCode::kInvalidArgument))
        << key;
  }
}

TEST(ParseSimpleSigning, RefusesWhatIsNoDocument) {
  const std::string good = json::Encode(Good());
  for (const std::string& text : {std::string(), std::string("null"), std::string("[]"),
                                  std::string("{}"), good + "x", "\xEF\xBB\xBF" + good}) {
    EXPECT_THAT(ParseSimpleSigning(text), ErrorIs(ErrorCode::kInvalidArgument));
  }
}

TEST(ParseSimpleSigning, HoldsItsLimits) {
  const std::string good = json::Encode(Good());
  EXPECT_THAT(ParseSimpleSigning(good + std::string(kMaxPayloadBytes - good.size(), ' ')), IsOk());
  EXPECT_THAT(ParseSimpleSigning(good + std::string(kMaxPayloadBytes - good.size() + 1, ' ')),
              ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(ParseSimpleSigning(std::string(100'000, '[')),
              ErrorIs(ErrorCode::kResourceExhausted));
}

}  // namespace
}  // namespace xzgate::signature
