#include "scanner/signature/report.h"

#include <gtest/gtest.h>

#include "base/json/reader.h"
#include "scanner/signature/requirement_check.h"
#include "tests/scanner/signature/verifier_fixture.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::signature {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::kNow;
using testing::With;
using testing::Without;

// A report with something in each of its parts.
Report Sample() {
  const auto authority = std::make_shared<const Authority>(ByKey(Key()));
  const Requirement requirement{.authorities = {authority},
                                .signatures = Group{.authorities = {"release-key"}}};
  CandidateList list{.tried = {}, .not_tried = {"referrer sha256:3a73"}};
  list.tried.push_back(
      {.place = Place::kSigTag,
       .manifest = kOtherImage,
       .layer = 0,
       .declared_type = "x",
       .material = FromBundle(Sigstore().ImageBundle(kOtherImage.ToString(), KeyWish(Key())))});
  return RequirementCheck::Judge(requirement, kImage, list, "fingerprint", kNow);
}

TEST(ReportCodecTest, RoundTrips) {
  const json::Value encoded = ReportCodec::ToJson(Sample());
  const auto text = json::Encode(encoded);
  const auto parsed = json::Parse(text, json::Limits{}, "report");
  ASSERT_THAT(parsed, IsOk());
  const auto report = ReportCodec::FromJson(*parsed);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(json::Encode(ReportCodec::ToJson(*report)), text);
  EXPECT_EQ(report->outcome(), Outcome::kWronglySigned);
  EXPECT_EQ(report->listing(), "fingerprint");
  EXPECT_EQ(report->made(), kNow);
  EXPECT_EQ(report->valid_until(), kNow + Report::kDenialLife);
  ASSERT_EQ(report->candidates().size(), 1U);
  EXPECT_EQ(report->not_tried().size(), 1U);
}

// A person can fetch or delete it.
TEST(ReportCodecTest, SaysWhereACandidateIsInFull) {
  const json::Value encoded = ReportCodec::ToJson(Sample());
  const json::Value& candidate = encoded.Find("candidates")->AsArray()->front();
  EXPECT_EQ(*candidate.Find("place")->AsString(), "sig_tag");
  EXPECT_EQ(*candidate.Find("digest")->AsString(), kOtherImage.ToString());
  EXPECT_EQ(json::Encode(*candidate.Find("layer")), "0");
  EXPECT_EQ(*candidate.Find("predicate_type")->AsString(), "");
}

// Stores of before have reports without these members.
TEST(ReportCodecTest, ReadsReportsOfBefore) {
  json::Value old = ReportCodec::ToJson(Sample());
  for (const char* member : {"place", "digest", "layer", "predicate_type"})
    old = Without(old, std::string("candidates.0.") + member);
  const auto report = ReportCodec::FromJson(old);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->candidates().front().digest, "");
  EXPECT_FALSE(report->candidates().front().layer);
}

TEST(ReportCodecTest, NotRequiredRoundTrips) {
  const auto report = ReportCodec::FromJson(ReportCodec::ToJson(Report::NotRequired()));
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->outcome(), Outcome::kNotRequired);
}

TEST(ReportCodecTest, RefusesWhatItDidNotWrite) {
  const json::Value good = ReportCodec::ToJson(Sample());
  ASSERT_THAT(ReportCodec::FromJson(good), IsOk());
  EXPECT_THAT(ReportCodec::FromJson(With(good, "schema", "xzgate.dev/signature-report/v2")),
              ErrorIs(ErrorCode::kUnsupported));
  for (const auto& [path, value] : std::initializer_list<std::pair<std::string, json::Value>>{
           {"outcome", "verifyed"},
           {"outcome", 1},
           {"reason", "SG001"},
           {"vouched_by", json::Array{json::Value(1)}},
           {"candidates", json::Array{json::Value("x")}},
           {"candidates.0.steps.0.held", "yes"},
           {"made", "yesterday"}}) {
    EXPECT_THAT(ReportCodec::FromJson(With(good, path, value)),
                ErrorIs(ErrorCode::kInvalidArgument))
        << path;
  }
  for (const char* path : {"outcome", "reason", "detail", "listing", "made", "valid_until"})
    EXPECT_THAT(ReportCodec::FromJson(Without(good, path)), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ReasonTest, CodesAndWordsAreDistinct) {
  std::set<std::string_view> codes;
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Reason::kPending); ++i) {
    codes.insert(Code(static_cast<Reason>(i)));
    words.insert(ToString(static_cast<Reason>(i)));
  }
  EXPECT_EQ(codes.size(), 19U);
  EXPECT_EQ(words.size(), 19U);
}

}  // namespace
}  // namespace xzgate::signature
