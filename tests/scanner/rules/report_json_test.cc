#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "base/json/reader.h"
#include "scanner/rules/report.h"
#include "tests/scanner/rules/image_builder.h"
#include "tests/support/result_matchers.h"

namespace xzgate::rules {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

Report Sample() {
  GivenLayer layer;
  layer.Dpkg("liblzma5", "5.6.1-1")
      .Infected(std::string(kDebianLib) + "liblzma.so.5.6.1")
      .Note("", "odd");
  PlatformReport good;
  good.platform = {.os = "linux", .architecture = "arm", .variant = "v7"};
  good.manifest_digest = "sha256:" + std::string(64, 'd');
  good.verdict = Verdict::kUnknown;
  good.cause = Cause::kPending;
  return Combine("sha256:" + std::string(64, 'e'), {GivenImage().With(layer).Judge(), good}, {},
                 RulePack::BuiltIn());
}

TEST(ReportJson, RoundTrips) {
  const Report report = Sample();
  const std::string text = json::Encode(ToJson(report));
  const auto value = json::Parse(text, {}, "report");
  ASSERT_THAT(value, IsOk());
  const auto back = ReportFromJson(*value);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, report);
  EXPECT_EQ(json::Encode(ToJson(*back)), text);
}

TEST(ReportJson, RoundTripsEveryVerdictAndCause) {
  for (int v = 0; v < kVerdictCount; ++v) {
    for (int c = 0; c < 5; ++c) {
      Report report;
      report.verdict = static_cast<Verdict>(v);
      report.cause = static_cast<Cause>(c);
      const auto back = ReportFromJson(ToJson(report));
      ASSERT_THAT(back, IsOk());
      EXPECT_EQ(*back, report);
    }
  }
}

TEST(ReportJson, NamesSchemaAndReason) {
  const auto value = ToJson(Sample());
  EXPECT_EQ(*value.Find("schema")->AsString(), "xzgate.dev/report/v1");
  EXPECT_EQ(*value.Find("verdict")->AsString(), "affected");
  EXPECT_EQ(*value.Find("reason")->AsString(), "XZ001");
}

struct RejectCase {
  std::string name;
  std::string from;
  std::string to;
  std::string want;
};
std::ostream& operator<<(std::ostream& out, const RejectCase& c) {
  return out << c.name;
}

class ReportJsonRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ReportJsonRejects, WithThePathOfTheOffence) {
  std::string text = json::Encode(ToJson(Sample()));
  const auto at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, GetParam().from.size(), GetParam().to);
  const auto value = json::Parse(text, {}, "report");
  ASSERT_THAT(value, IsOk());
  EXPECT_THAT(ReportFromJson(*value), ErrorIs(ErrorCode::kInvalidArgument, GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReportJsonRejects,
    ::testing::Values(
        RejectCase{"OtherSchema", "report/v1", "report/v2", "schema"},
        RejectCase{"UnknownVerdict", R"("verdict":"affected")", R"("verdict":"infected")",
                   "\"infected\" is not known"},
        RejectCase{"UnknownCause", R"("cause":"")", R"("cause":"lazy")", "\"lazy\""},
        RejectCase{"NoDigest", R"("digest":)", R"("digset":)", "digest"},
        RejectCase{"PlatformsNoArray", R"("platforms":[)", R"("platforms":0,"x":[)", "platforms"},
        RejectCase{"NegativeLayer", R"("layer":1)", R"("layer":-1)", "platforms[0].evidence[0]"},
        RejectCase{"DecidingNoBool", R"("deciding":true)", R"("deciding":1)", "platforms[0]"},
        RejectCase{"NoteNoString", R"("notes":["layer 1: odd"])", R"("notes":[7])", "notes[0]"}),
    [](const auto& c) { return c.param.name; });

TEST(ReasonCode, IsStable) {
  EXPECT_EQ(ReasonCode(Verdict::kAffected, Cause::kNone), "XZ001");
  EXPECT_EQ(ReasonCode(Verdict::kSuspicious, Cause::kNone), "XZ002");
  EXPECT_EQ(ReasonCode(Verdict::kAffectedVersion, Cause::kNone), "XZ003");
  EXPECT_EQ(ReasonCode(Verdict::kUnknown, Cause::kPending), "XZ010");
  EXPECT_EQ(ReasonCode(Verdict::kUnknown, Cause::kUnreachable), "XZ011");
  EXPECT_EQ(ReasonCode(Verdict::kUnknown, Cause::kUnreadable), "XZ012");
  EXPECT_EQ(ReasonCode(Verdict::kUnknown, Cause::kNotAnImage), "XZ013");
  EXPECT_EQ(ReasonCode(Verdict::kFixedByDistro, Cause::kNone), "XZ020");
  EXPECT_EQ(ReasonCode(Verdict::kClean, Cause::kNone), "XZ021");
}

TEST(UnknownReport, HasNoPlatforms) {
  const auto report = UnknownReport("sha256:x", Cause::kPending, "queued", "rules@1");
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.Worst(), nullptr);
}

}  // namespace
}  // namespace xzgate::rules
