#include <filesystem>

#include "scanner/store/sqlite_database.h"
#include "tests/scanner/store/store_case.h"

namespace xzgate::store {
namespace {

constexpr std::chrono::hours kDay{24};
constexpr std::chrono::hours kRetention = 90 * kDay;

class ExpiryTest : public StoreCase {
 protected:
  std::uint64_t Expire() {
    const auto gone = store_->Expire(Now() - kRetention, Now());
    EXPECT_THAT(gone, IsOk());
    return gone.value_or(0);
  }
  void GivenLayer(const std::string& name) {
    facts::LayerFacts facts(DigestOf(name));
    facts.entries.Finish();
    ASSERT_THAT(store_->PutLayer(facts, "p", Now()), IsOk());
  }
  bool HasLayer(const std::string& name) {
    return store_->FindLayer(DigestOf(name), "p", Now())->has_value();
  }
  void GivenDocument(const std::string& bytes) {
    ASSERT_THAT(store_->PutDocument(DigestOf(bytes), {"type", bytes}, Now()), IsOk());
  }
  bool HasDocument(const std::string& bytes) {
    return store_->FindDocument(DigestOf(bytes), Now())->has_value();
  }
};

TEST_F(ExpiryTest, ForgetsSightingsOfOldOnly) {
  GivenSighting("a");
  clock_.Advance(kRetention);
  EXPECT_EQ(Expire(), 0U);
  GivenSighting("b");
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Expire(), 1U);
  EXPECT_EQ(store_->RecentSightings(10)->at(0).image, Image("b").ToString());
}

// Whoever runs an image keeps its report, however old that is.
TEST_F(ExpiryTest, ForgetsReportsOfImagesThatWereNotSeenSince) {
  for (const std::string name : {"unseen", "seen"})
    ASSERT_THAT(store_->PutReport(ReportOf(name, rules::Verdict::kClean), Now()), IsOk());
  clock_.Advance(kRetention + kDay);
  GivenSighting("seen");
  ASSERT_THAT(store_->PutReport(ReportOf("new", rules::Verdict::kClean), Now()), IsOk());
  EXPECT_EQ(Expire(), 1U);
  EXPECT_FALSE(*store_->FindReport(DigestOf("unseen"), "R@1"));
  EXPECT_TRUE(*store_->FindReport(DigestOf("seen"), "R@1"));
  EXPECT_TRUE(*store_->FindReport(DigestOf("new"), "R@1"));
}

TEST_F(ExpiryTest, ForgetsContentThatNoScanUsed) {
  for (const std::string name : {"used", "unused"}) {
    GivenLayer(name);
    GivenDocument(name);
  }
  clock_.Advance(kRetention - kDay);
  EXPECT_TRUE(HasLayer("used"));
  EXPECT_TRUE(HasDocument("used"));
  clock_.Advance(2 * kDay);
  EXPECT_EQ(Expire(), 2U);
  EXPECT_TRUE(HasLayer("used"));
  EXPECT_TRUE(HasDocument("used"));
  EXPECT_FALSE(HasLayer("unused"));
  EXPECT_FALSE(HasDocument("unused"));
}

TEST_F(ExpiryTest, UseIsWrittenDownOnceADay) {
  GivenLayer("a");
  auto other = *SqliteStore::Open(Path(), logger_);
  auto seen = *other->ChangeCounter();
  const auto wrote = [&] {
    EXPECT_TRUE(HasLayer("a"));
    return std::exchange(seen, *other->ChangeCounter()) != seen;
  };
  EXPECT_FALSE(wrote());
  clock_.Advance(kDay);
  EXPECT_TRUE(wrote());
  EXPECT_FALSE(wrote());
}

// Admission looks for reports: it must never wait for the file's write lock.
TEST_F(ExpiryTest, LookingForAReportNeverWrites) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  auto other = *SqliteStore::Open(Path(), logger_);
  const auto before = *other->ChangeCounter();
  clock_.Advance(10 * kDay);
  EXPECT_TRUE(*store_->FindReport(DigestOf("a"), "R@1"));
  EXPECT_EQ(*other->ChangeCounter(), before);
}

TEST_F(ExpiryTest, ForgetsTagsWhoseLifeIsOver) {
  const auto tag = *oci::Reference::Parse("reg.example/a:1");
  ASSERT_THAT(store_->PutTag(tag, DigestOf("a"), Now() + std::chrono::seconds(60)), IsOk());
  EXPECT_EQ(Expire(), 0U);
  clock_.Advance(std::chrono::seconds(60));
  EXPECT_EQ(Expire(), 1U);
}

TEST_F(ExpiryTest, ForgetsDeadLettersAndNoOtherJobs) {
  GivenJob("dead");
  ASSERT_THAT(
      store_->Bury(Leased()->id, "w", {.why = "gone", .cause = rules::Cause::kUnreachable}, Now()),
      IsOk());
  GivenJob("waiting");
  clock_.Advance(kRetention);
  EXPECT_EQ(Expire(), 0U);
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Expire(), 1U);
  EXPECT_FALSE(*Found("dead"));
  EXPECT_TRUE(*Found("waiting"));
}

TEST_F(ExpiryTest, ManyRowsGoInSeveralTransactions) {
  std::vector<Sighting> many;
  for (int i = 0; i < 2500; ++i)
    many.push_back(SightingOf(Image("a"), "pods/x/" + std::to_string(i)));
  ASSERT_THAT(store_->RecordSightings(many), IsOk());
  clock_.Advance(kRetention + kDay);
  EXPECT_EQ(Expire(), 2500U);
  EXPECT_EQ(Expire(), 0U);
}

TEST_F(ExpiryTest, TheFileShrinks) {
  const auto pages = [this] {
    auto database = *Database::Open(Path());
    auto query = *database->Prepare("PRAGMA page_count");
    EXPECT_TRUE(*query.Step());
    return query.Int(0);
  };
  const auto before = pages();
  for (int i = 0; i < 100; ++i) GivenDocument(std::string(10'000, 'x') + std::to_string(i));
  const auto full = pages();
  ASSERT_GT(full, before + 200);
  clock_.Advance(kRetention + kDay);
  EXPECT_EQ(Expire(), 100U);
  EXPECT_LT(pages(), before + 20);
}

}  // namespace
}  // namespace xzgate::store
