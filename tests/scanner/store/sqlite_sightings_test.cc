#include "tests/scanner/store/store_case.h"

namespace xzgate::store {
namespace {

using ::testing::ElementsAre;

using SightingsTest = StoreCase;

TEST_F(SightingsTest, SightingsComeNewestFirstOnceAnImage) {
  for (const auto& [image, workload] : {std::pair<std::string, std::string>{"a", "pods/x/1"},
                                        {"b", "pods/x/2"},
                                        {"a", "pods/x/3"}}) {
    clock_.Advance(std::chrono::seconds(1));
    ASSERT_THAT(store_->RecordSighting({.image = Image(image).ToString(),
                                        .reference = "r",
                                        .workload = workload,
                                        .namespace_name = "x",
                                        .when = Now()}),
                IsOk());
  }
  const auto sightings = store_->RecentSightings(10);
  ASSERT_THAT(sightings, IsOk());
  ASSERT_EQ(sightings->size(), 2U);
  EXPECT_EQ(sightings->at(0).image, Image("a").ToString());
  EXPECT_EQ(sightings->at(1).image, Image("b").ToString());
}

TEST_F(SightingsTest, ManySightingsAreOneWrite) {
  std::vector<Sighting> many;
  for (const std::string image : {"a", "b", "c"}) {
    many.push_back({.image = Image(image).ToString(),
                    .reference = "r",
                    .workload = "pods/x/1",
                    .namespace_name = "x",
                    .when = Now()});
  }
  auto other = SqliteStore::Open(Path(), logger_);
  ASSERT_THAT(other, IsOk());
  const auto before = *(*other)->ChangeCounter();
  ASSERT_THAT(store_->RecordSightings(many), IsOk());
  EXPECT_EQ(*(*other)->ChangeCounter(), before + 1);
  EXPECT_EQ(store_->RecentSightings(10)->size(), 3U);
}

class UnansweredTest : public StoreCase {
 protected:
  std::vector<oci::PinnedReference> Unanswered(std::size_t max = 10) {
    const auto images = store_->UnansweredImages("R@1", Now() - std::chrono::hours(1), max);
    EXPECT_THAT(images, IsOk());
    return images.value_or(std::vector<oci::PinnedReference>{});
  }
  void GivenReport(const std::string& name, rules::Verdict verdict,
                   const std::string& rules = "R@1") {
    ASSERT_THAT(store_->PutReport(ReportOf(name, verdict, rules), Now()), IsOk());
  }
};

TEST_F(UnansweredTest, ImagesWithoutAReportComeLastSeenFirst) {
  for (const std::string name : {"a", "judged", "b", "a"}) {
    clock_.Advance(std::chrono::seconds(1));
    GivenSighting(name);
  }
  GivenReport("judged", rules::Verdict::kClean);
  EXPECT_THAT(Unanswered(), ElementsAre(Image("a"), Image("b")));
  EXPECT_THAT(Unanswered(1), ElementsAre(Image("a")));
}

TEST_F(UnansweredTest, AReportOfOtherRulesIsNone) {
  GivenSighting("a");
  GivenReport("a", rules::Verdict::kClean, "R@2");
  EXPECT_THAT(Unanswered(), ElementsAre(Image("a")));
}

TEST_F(UnansweredTest, AnUnknownStandsForItsLife) {
  GivenSighting("a");
  GivenReport("a", rules::Verdict::kUnknown);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_THAT(Unanswered(), ElementsAre());
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_THAT(Unanswered(), ElementsAre(Image("a")));
  GivenReport("a", rules::Verdict::kUnknown);
  EXPECT_THAT(Unanswered(), ElementsAre());
}

TEST_F(UnansweredTest, QueuedImagesAreNot) {
  GivenSighting("a");
  GivenJob("a");
  EXPECT_THAT(Unanswered(), ElementsAre());
  const auto job = Leased();
  EXPECT_THAT(Unanswered(), ElementsAre());
  ASSERT_THAT(
      store_->Bury(job->id, "w", {.why = "gone", .cause = rules::Cause::kUnreachable}, Now()),
      IsOk());
  clock_.Advance(std::chrono::hours(1));
  EXPECT_THAT(Unanswered(), ElementsAre());
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_THAT(Unanswered(), ElementsAre(Image("a")));
}

TEST_F(UnansweredTest, ImagesNobodySawAreNot) {
  GivenReport("a", rules::Verdict::kUnknown);
  clock_.Advance(std::chrono::hours(2));
  EXPECT_THAT(Unanswered(), ElementsAre());
}

}  // namespace
}  // namespace xzgate::store
