#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/signature/bundle.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::signature {
namespace {

using ::xzgate::testing::Base64;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::With;
using ::xzgate::testing::Without;

// "~~~???" has a '+' or '/' in every spelling but the URL-safe one.
json::Value Good() {
  return json::Object{
      {"payloadType", "application/vnd.in-toto+json"},
      {"payload", Base64("{\"~~~???\":1}")},
      {"signatures", json::Array{json::Object{{"keyid", ""}, {"sig", Base64("\xFB\xFF\xFE")}}}}};
}

TEST(ParseEnvelope, ReadsItsMembers) {
  const auto envelope =
      ParseEnvelope(json::Encode(With(Good(), "signatures.0.keyid", "SHA256:abc")));
  ASSERT_THAT(envelope, IsOk());
  EXPECT_EQ(envelope->payload_type, "application/vnd.in-toto+json");
  EXPECT_EQ(envelope->payload, "{\"~~~???\":1}");
  EXPECT_EQ(envelope->signature, "\xFB\xFF\xFE");
  EXPECT_EQ(envelope->key_id, "SHA256:abc");
}

struct Accepted {
  const char* name;
  std::function<json::Value(json::Value)> change;
};
class EnvelopeAccepts : public ::testing::TestWithParam<Accepted> {};

TEST_P(EnvelopeAccepts, WhatTheSpecificationAllows) {
  EXPECT_THAT(ParseEnvelope(json::Encode(GetParam().change(Good()))), IsOk());
}

const Accepted kAccepted[] = {
    {"AsItIs", [](json::Value v) { return v; }},
    {"NoKeyId", [](json::Value v) { return Without(v, "signatures.0.keyid"); }},
    {"NullKeyId", [](json::Value v) { return With(v, "signatures.0.keyid", json::Value()); }},
    {"UrlSafeSignature", [](json::Value v) { return With(v, "signatures.0.sig", "-__-"); }},
    {"UrlSafePayload", [](json::Value v) { return With(v, "payload", "fn5-Pz8_"); }},
};
INSTANTIATE_TEST_SUITE_P(All, EnvelopeAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& one) { return std::string(one.param.name); });

struct Refused {
  const char* name;
  std::function<json::Value(json::Value)> change;
  const char* text;
};
class EnvelopeRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(EnvelopeRefuses, WithThePath) {
  EXPECT_THAT(ParseEnvelope(json::Encode(GetParam().change(Good()))),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().text));
}

json::Value TwoSignatures(json::Value v, std::string_view first, std::string_view second) {
  return With(std::move(v), "signatures",
              json::Array{json::Object{{"sig", first}}, json::Object{{"sig", second}}});
}

const Refused kRefused[] = {
    {"UnknownMember", [](json::Value v) { return With(v, "extra", 1); }, "$: unknown member"},
    {"CaseVariant",
     [](json::Value v) { return With(Without(v, "payloadType"), "payloadtype", "a/b"); },
     "$: unknown member \"payloadtype\""},
    {"NoPayload", [](json::Value v) { return Without(v, "payload"); }, "payload: missing"},
    {"EmptyPayload", [](json::Value v) { return With(v, "payload", ""); },
     "$.payload: want base64"},
    {"PayloadAsObject", [](json::Value v) { return With(v, "payload", json::Object{}); },
     "payload: want string"},
    {"NoPayloadType", [](json::Value v) { return Without(v, "payloadType"); },
     "payloadType: missing"},
    {"EmptyPayloadType", [](json::Value v) { return With(v, "payloadType", ""); },
     "$.payloadType: empty"},
    {"NoSignatures", [](json::Value v) { return Without(v, "signatures"); },
     "$.signatures: want exactly one, found 0"},
    {"EmptySignatures", [](json::Value v) { return With(v, "signatures", json::Array{}); },
     "want exactly one, found 0"},
    {"TwoSignatures", [](json::Value v) { return TwoSignatures(v, "AAAA", "BBBB"); },
     "want exactly one, found 2"},
    {"TwoTimesTheSame", [](json::Value v) { return TwoSignatures(v, "AAAA", "AAAA"); },
     "want exactly one, found 2"},
    {"SignatureIsNull", [](json::Value v) { return With(v, "signatures.0", json::Value()); },
     "$.signatures[0]: want object, found null"},
    {"NoSig", [](json::Value v) { return Without(v, "signatures.0.sig"); }, "sig: missing"},
    {"EmptySig", [](json::Value v) { return With(v, "signatures.0.sig", ""); }, "want base64"},
    {"UnknownMemberOfSignature", [](json::Value v) { return With(v, "signatures.0.cert", "x"); },
     "$.signatures[0]: unknown member \"cert\""},
    {"KeyIdAsNumber", [](json::Value v) { return With(v, "signatures.0.keyid", 1); },
     "keyid: want string"},
    {"SigUnpadded", [](json::Value v) { return With(v, "signatures.0.sig", "AAA"); },
     "want base64"},
    {"SigWithSpace", [](json::Value v) { return With(v, "signatures.0.sig", "AAAA AAA"); },
     "want base64"},
    {"SigWithNewline", [](json::Value v) { return With(v, "signatures.0.sig", "AAAAAAA\n"); },
     "want base64"},
    {"SigWithUnusedBits", [](json::Value v) { return With(v, "signatures.0.sig", "AAB="); },
     "want base64"},
};
INSTANTIATE_TEST_SUITE_P(All, EnvelopeRefuses, ::testing::ValuesIn(kRefused),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(ParseEnvelope, RefusesWhatIsNoObject) {
  for (const char* text : {"", "null", "[]", "\"x\"", "1", "{", "{}x"}) {
    EXPECT_THAT(ParseEnvelope(text), ErrorIs(ErrorCode::kInvalidArgument)) << text;
  }
}

TEST(ParseEnvelope, RefusesDuplicatesAndBytesAfterTheEnd) {
  const std::string good = json::Encode(Good());
  EXPECT_THAT(ParseEnvelope("{\"payload\":\"AAAA\"," + good.substr(1)),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseEnvelope(good + "{}"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ParseEnvelope("\xEF\xBB\xBF" + good), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ParseEnvelope, HoldsItsLimits) {
  const std::string good = json::Encode(Good());
  EXPECT_THAT(ParseEnvelope(good + std::string(kMaxBundleBytes - good.size(), ' ')), IsOk());
  EXPECT_THAT(ParseEnvelope(good + std::string(kMaxBundleBytes - good.size() + 1, ' ')),
              ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(ParseEnvelope(std::string(100'000, '[')), ErrorIs(ErrorCode::kResourceExhausted));
}

}  // namespace
}  // namespace xzgate::signature
