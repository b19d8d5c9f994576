#include "scanner/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "scanner/store/schema.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace xzgate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TempFolder;

namespace fs = std::filesystem;

oci::Digest DigestOf(const std::string& text) {
  return oci::Digest::Of(AsBytes(text));
}

oci::PinnedReference Image(const std::string& name) {
  return oci::PinnedReference(oci::Reference::Parse("reg.example/" + name)->repository(),
                              DigestOf(name));
}

rules::Report ReportOf(const std::string& name, rules::Verdict verdict,
                       const std::string& rules = "R@1") {
  rules::Report report =
      rules::UnknownReport(DigestOf(name).ToString(), rules::Cause::kUnreadable, "detail", rules);
  report.verdict = verdict;
  return report;
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  SqliteStoreTest() { Open(); }
  void Open() {
    store_.reset();
    auto store = SqliteStore::Open(Path(), logger_);
    ASSERT_THAT(store, IsOk());
    store_ = std::move(*store);
  }
  std::string Path() const { return folder_.path() + "/store.db"; }
  WallTime Now() const { return clock_.WallNow(); }
  void GivenJob(const std::string& name, Priority priority = Priority::kRepository) {
    ASSERT_THAT(store_->Enqueue(Image(name), priority, Now()), IsOk());
  }
  std::optional<Job> Leased(const std::string& worker = "w") {
    auto job = store_->Lease(worker, std::chrono::minutes(1), Now(), {});
    EXPECT_THAT(job, IsOk());
    return job ? *job : std::nullopt;
  }

  TempFolder folder_;
  FakeLogger logger_;
  FakeClock clock_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(SqliteStoreTest, KeepsReportsByDigestAndRulesOverAReopening) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  Open();
  EXPECT_EQ((*store_->FindReport(DigestOf("a"), "R@1"))->verdict, rules::Verdict::kClean);
  EXPECT_FALSE(*store_->FindReport(DigestOf("a"), "R@2"));
  EXPECT_FALSE(*store_->FindReport(DigestOf("b"), "R@1"));
}

TEST_F(SqliteStoreTest, NeverKeepsAPendingReport) {
  EXPECT_THAT(
      store_->PutReport(
          rules::UnknownReport(DigestOf("a").ToString(), rules::Cause::kPending, "", "R@1"), Now()),
      ErrorIs(ErrorCode::kInternal));
}

TEST_F(SqliteStoreTest, CountsVerdictsOfTheRulesAskedFor) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("c", rules::Verdict::kAffected), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("d", rules::Verdict::kClean, "R@2"), Now()), IsOk());
  EXPECT_THAT(*store_->CountVerdicts("R@1"),
              ElementsAre(Pair(rules::Verdict::kAffected, 1U), Pair(rules::Verdict::kClean, 2U)));
}

TEST_F(SqliteStoreTest, KeepsFactsByLayerAndProbes) {
  facts::LayerFacts facts(DigestOf("layer"));
  facts.unpacked_bytes = 42;
  facts.entries.Finish();
  ASSERT_THAT(store_->PutLayer(facts, "p1"), IsOk());
  const auto found = store_->FindLayer(DigestOf("layer"), "p1");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->unpacked_bytes, 42U);
  EXPECT_FALSE(*store_->FindLayer(DigestOf("layer"), "p2"));
}

TEST_F(SqliteStoreTest, ADocumentThatDoesNotHaveItsDigestIsAMiss) {
  ASSERT_THAT(store_->PutDocument(DigestOf("bytes"), {"type", "bytes"}), IsOk());
  EXPECT_EQ((*store_->FindDocument(DigestOf("bytes")))->content_type, "type");
  ASSERT_THAT(store_->PutDocument(DigestOf("bytes"), {"type", "other"}), IsOk());
  EXPECT_FALSE(*store_->FindDocument(DigestOf("bytes")));
}

TEST_F(SqliteStoreTest, TagsEnd) {
  const auto tag = *oci::Reference::Parse("reg.example/a:1");
  ASSERT_THAT(store_->PutTag(tag, DigestOf("a"), Now() + std::chrono::seconds(60)), IsOk());
  EXPECT_EQ(**store_->FindTag(tag, Now() + std::chrono::milliseconds(59'999)), DigestOf("a"));
  EXPECT_FALSE(*store_->FindTag(tag, Now() + std::chrono::seconds(60)));
}

TEST_F(SqliteStoreTest, TheMostUrgentJobComesFirstThenTheOldest) {
  GivenJob("slow", Priority::kRescan);
  GivenJob("first");
  GivenJob("second");
  GivenJob("urgent", Priority::kAdmission);
  for (const std::string want : {"urgent", "first", "second", "slow"})
    EXPECT_EQ(Leased()->image, Image(want));
  EXPECT_FALSE(Leased());
}

// A digest asked for at a registry that never answers, or denies to have it, is no ban on the same
// digest elsewhere.
TEST_F(SqliteStoreTest, AFailedJobMovesToTheRepositoryNamedNext) {
  const auto at = [](std::string_view repository) {
    return *oci::PinnedReference::Parse(std::string(repository) + "@" + DigestOf("a").ToString());
  };
  ASSERT_THAT(store_->Enqueue(at("evil.example/a"), Priority::kAdmission, Now()), IsOk());
  ASSERT_THAT(store_->Enqueue(at("good.example/a"), Priority::kAdmission, Now()), IsOk());
  const auto first = Leased();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->image, at("evil.example/a"));
  ASSERT_THAT(store_->Postpone(first->id, {.not_before = Now() + std::chrono::hours(1),
                                           .costs_attempt = false,
                                           .why = "no answer"}),
              IsOk());
  ASSERT_THAT(store_->Enqueue(at("good.example/a"), Priority::kAdmission, Now()), IsOk());
  const auto second = Leased();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->image, at("good.example/a"));
  ASSERT_THAT(store_->Bury(second->id, "not found", Now()), IsOk());
  ASSERT_THAT(store_->Enqueue(at("good.example/a"), Priority::kAdmission, Now()), IsOk());
  EXPECT_FALSE(Leased());
  ASSERT_THAT(store_->Enqueue(at("third.example/a"), Priority::kAdmission, Now()), IsOk());
  const auto third = Leased();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->image, at("third.example/a"));
}

TEST_F(SqliteStoreTest, OneDigestIsOneJobAndItsPriorityOnlyRises) {
  GivenJob("a", Priority::kRescan);
  GivenJob("b");
  GivenJob("a", Priority::kAdmission);
  GivenJob("a", Priority::kRescan);
  EXPECT_EQ(Leased()->image, Image("a"));
  EXPECT_EQ(Leased()->image, Image("b"));
  EXPECT_FALSE(Leased());
}

TEST_F(SqliteStoreTest, ALeasedJobIsNobodyElses) {
  GivenJob("a");
  ASSERT_TRUE(Leased("one"));
  EXPECT_FALSE(Leased("two"));
}

TEST_F(SqliteStoreTest, ALeaseThatRanOutCountsAsACrash) {
  GivenJob("a");
  ASSERT_EQ(Leased()->crashes, 0);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(Leased()->crashes, 1);
}

TEST_F(SqliteStoreTest, ExtendingKeepsALease) {
  GivenJob("a");
  const auto job = Leased("w");
  clock_.Advance(std::chrono::seconds(50));
  ASSERT_THAT(store_->ExtendLease(job->id, "w", std::chrono::minutes(1), Now()), IsOk());
  clock_.Advance(std::chrono::seconds(50));
  EXPECT_FALSE(Leased());
  EXPECT_THAT(store_->ExtendLease(job->id, "another", std::chrono::minutes(1), Now()),
              ErrorIs(ErrorCode::kNotFound));
}

TEST_F(SqliteStoreTest, ARestartedWorkerFreesWhatItHeld) {
  GivenJob("a");
  ASSERT_TRUE(Leased("w"));
  ASSERT_THAT(store_->ReleaseLeases("w", Now()), IsOk());
  EXPECT_EQ(Leased("w")->crashes, 1);
}

// A crash may be the fault of any job that was held: those are tried alone, the others go on.
TEST_F(SqliteStoreTest, JobsThatCrashedAreTakenOneAtATime) {
  GivenJob("a");
  GivenJob("b");
  ASSERT_TRUE(Leased("w"));
  ASSERT_TRUE(Leased("w"));
  ASSERT_THAT(store_->ReleaseLeases("w", Now()), IsOk());
  GivenJob("c");
  const auto suspect = Leased("w");
  EXPECT_EQ(suspect->crashes, 1);
  EXPECT_EQ(Leased("w")->crashes, 0);
  EXPECT_FALSE(Leased("w"));
  ASSERT_THAT(store_->Complete(suspect->id), IsOk());
  EXPECT_EQ(Leased("w")->crashes, 1);
}

TEST_F(SqliteStoreTest, APostponedJobRestsAndSaysWhy) {
  GivenJob("a");
  const auto job = Leased();
  ASSERT_THAT(store_->Postpone(job->id, {.not_before = Now() + std::chrono::seconds(30),
                                         .costs_attempt = true,
                                         .why = "503"}),
              IsOk());
  EXPECT_FALSE(Leased());
  EXPECT_EQ((*store_->FindJob(DigestOf("a")))->why, "503");
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(Leased()->attempts, 1);
}

// A person who tries again does not wait for a back-off; the host's own window is kept by the
// caller.
TEST_F(SqliteStoreTest, AdmissionWakesAPostponedJob) {
  GivenJob("a");
  ASSERT_THAT(store_->Postpone(Leased()->id, {.not_before = Now() + std::chrono::hours(1),
                                              .costs_attempt = false,
                                              .why = "503"}),
              IsOk());
  GivenJob("a", Priority::kAdmission);
  EXPECT_EQ((*store_->FindJob(DigestOf("a")))->why, "");
  EXPECT_TRUE(Leased());
}

TEST_F(SqliteStoreTest, DeadLettersStayDeadUntilTheirRestIsOver) {
  GivenJob("a");
  ASSERT_THAT(store_->Bury(Leased()->id, "crashed", Now()), IsOk());
  GivenJob("a", Priority::kAdmission);
  EXPECT_FALSE(Leased());
  EXPECT_TRUE((*store_->FindJob(DigestOf("a")))->dead);
  EXPECT_EQ(store_->Stats(Now())->dead, 1U);
  clock_.Advance(std::chrono::hours(24));
  GivenJob("a", Priority::kAdmission);
  EXPECT_TRUE(Leased());
}

TEST_F(SqliteStoreTest, SkipsHostsThatAskedForQuiet) {
  GivenJob("a");
  EXPECT_FALSE(*store_->Lease("w", std::chrono::minutes(1), Now(),
                              {.skip_hosts = {"other.example", "reg.example"}}));
  EXPECT_TRUE(
      *store_->Lease("w", std::chrono::minutes(1), Now(), {.skip_hosts = {"other.example"}}));
}

TEST_F(SqliteStoreTest, AWorkerForUrgentJobsTakesNoOthers) {
  GivenJob("slow");
  const LeaseFilter urgent{.skip_hosts = {}, .least_urgent = Priority::kAdmission};
  EXPECT_FALSE(*store_->Lease("w", std::chrono::minutes(1), Now(), urgent));
  GivenJob("urgent", Priority::kAdmission);
  EXPECT_EQ((*store_->Lease("w", std::chrono::minutes(1), Now(), urgent))->image, Image("urgent"));
}

TEST_F(SqliteStoreTest, StatsTellTheQueueApart) {
  GivenJob("leased", Priority::kAdmission);
  ASSERT_TRUE(Leased());
  clock_.Advance(std::chrono::seconds(5));
  GivenJob("ready");
  clock_.Advance(std::chrono::seconds(7));
  const auto stats = store_->Stats(Now());
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->ready, 1U);
  EXPECT_EQ(stats->leased, 1U);
  EXPECT_EQ(Now() - *stats->oldest, std::chrono::seconds(7));
}

TEST_F(SqliteStoreTest, SightingsComeNewestFirstOnceAnImage) {
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

TEST_F(SqliteStoreTest, TheChangeCounterSeesOtherProcesses) {
  auto other = SqliteStore::Open(Path(), logger_);
  ASSERT_THAT(other, IsOk());
  const auto before = *store_->ChangeCounter();
  EXPECT_EQ(*store_->ChangeCounter(), before);
  ASSERT_THAT((*other)->Enqueue(Image("a"), Priority::kWatched, Now()), IsOk());
  EXPECT_NE(*store_->ChangeCounter(), before);
}

// Two processes lease from one file: no job goes to both.
TEST_F(SqliteStoreTest, TwoStoresShareTheQueueWithoutDoubling) {
  for (int i = 0; i < 40; ++i) GivenJob("image-" + std::to_string(i));
  auto other = *SqliteStore::Open(Path(), logger_);
  std::vector<std::int64_t> first;
  std::vector<std::int64_t> second;
  const auto drain = [this](SqliteStore& store, const std::string& worker,
                            std::vector<std::int64_t>& into) {
    while (true) {
      const auto job = store.Lease(worker, std::chrono::minutes(1), Now(), {});
      if (job && !*job) return;
      if (job) into.push_back((*job)->id);
    }
  };
  std::thread thread([&] { drain(*other, "b", second); });
  drain(*store_, "a", first);
  thread.join();
  std::set<std::int64_t> all(first.begin(), first.end());
  all.insert(second.begin(), second.end());
  EXPECT_EQ(first.size() + second.size(), 40U);
  EXPECT_EQ(all.size(), 40U);
}

TEST_F(SqliteStoreTest, ACorruptFileIsSetAsideAndSaid) {
  store_.reset();
  std::ofstream(Path(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
  Open();
  EXPECT_TRUE(fs::exists(Path() + ".corrupt-1"));
  EXPECT_THAT(store_->Check(), IsOk());
  ASSERT_FALSE(logger_.lines().empty());
  EXPECT_THAT(logger_.lines().back().event, HasSubstr("corrupt"));
  EXPECT_EQ(logger_.lines().back().level, log::Level::kError);
}

TEST_F(SqliteStoreTest, DamageFoundAtTheStartIsRepaired) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  {
    std::fstream file(Path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(0);
    file << std::string(4096, '\xff');
  }
  fs::remove(Path() + "-wal");
  Open();
  EXPECT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()), IsOk());
}

TEST_F(SqliteStoreTest, AnExchangedFileIsNoticed) {
  auto other = *SqliteStore::Open(Path(), logger_);
  fs::rename(Path(), Path() + ".old");
  fs::remove(Path() + "-wal");
  fs::remove(Path() + "-shm");
  EXPECT_THAT(other->Check(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(other->Check(), IsOk());
  EXPECT_TRUE(fs::exists(Path()));
}

TEST_F(SqliteStoreTest, ANewerSchemaIsRefusedAndLeftAlone) {
  store_.reset();
  ASSERT_THAT((*Database::Open(Path()))
                  ->Execute("PRAGMA user_version=" + std::to_string(SchemaVersion() + 1)),
              IsOk());
  EXPECT_THAT(SqliteStore::Open(Path(), logger_), ErrorIs(ErrorCode::kUnsupported, "newer xzgate"));
  EXPECT_FALSE(fs::exists(Path() + ".corrupt-1"));
}

TEST(SqliteStoreOpen, TheChangeCounterSeesItsOwnWritesInMemory) {
  FakeLogger logger;
  const FakeClock clock;
  const auto store = *SqliteStore::OpenInMemory(logger);
  const auto before = *store->ChangeCounter();
  ASSERT_THAT(store->Enqueue(Image("a"), Priority::kWatched, clock.WallNow()), IsOk());
  EXPECT_NE(*store->ChangeCounter(), before);
}

TEST(SqliteStoreOpen, AMissingFolderIsNamed) {
  FakeLogger logger;
  EXPECT_THAT(SqliteStore::Open("/nonexistent/folder/store.db", logger),
              ErrorIs(ErrorCode::kUnavailable, "/nonexistent/folder/store.db"));
}

}  // namespace
}  // namespace xzgate::store
