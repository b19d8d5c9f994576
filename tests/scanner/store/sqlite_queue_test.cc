#include <set>
#include <thread>

#include "tests/scanner/store/store_case.h"

namespace xzgate::store {
namespace {

using QueueTest = StoreCase;

TEST_F(QueueTest, TheMostUrgentJobComesFirstThenTheOldest) {
  GivenJob("slow", Priority::kRescan);
  GivenJob("first");
  GivenJob("second");
  GivenJob("urgent", Priority::kAdmission);
  for (const std::string want : {"urgent", "first", "second", "slow"})
    EXPECT_EQ(Leased()->image, Image(want));
  EXPECT_FALSE(Leased());
}

TEST_F(QueueTest, ALeasedJobIsNobodyElses) {
  GivenJob("a");
  ASSERT_TRUE(Leased("one"));
  EXPECT_FALSE(Leased("two"));
}

TEST_F(QueueTest, ALeaseThatRanOutCountsAsACrash) {
  GivenJob("a");
  ASSERT_EQ(Leased()->crashes, 0);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(Leased()->crashes, 1);
}

TEST_F(QueueTest, ExtendingKeepsALeaseAndTellsThePriority) {
  GivenJob("a");
  const auto job = Leased("w");
  clock_.Advance(std::chrono::seconds(50));
  EXPECT_EQ(*store_->ExtendLease(job->id, "w", std::chrono::minutes(1), Now()),
            Priority::kRepository);
  clock_.Advance(std::chrono::seconds(50));
  EXPECT_FALSE(Leased());
  GivenJob("a", Priority::kAdmission);
  EXPECT_EQ(*store_->ExtendLease(job->id, "w", std::chrono::minutes(1), Now()),
            Priority::kAdmission);
}

// A scanner that lost its lease ends nothing that somebody else holds now.
TEST_F(QueueTest, OnlyTheHolderEndsAJob) {
  GivenJob("a");
  const std::int64_t id = Leased("late")->id;
  clock_.Advance(std::chrono::minutes(1));
  ASSERT_EQ(Leased("w")->id, id);
  for (const std::string worker : {"late", ""}) {
    EXPECT_THAT(store_->ExtendLease(id, worker, std::chrono::minutes(1), Now()),
                ErrorIs(ErrorCode::kNotFound, "is not held by \"" + worker));
    EXPECT_THAT(store_->Complete(id, worker), ErrorIs(ErrorCode::kNotFound));
    EXPECT_THAT(store_->Postpone(id, worker, {.not_before = Now(), .why = "x"}),
                ErrorIs(ErrorCode::kNotFound));
    EXPECT_THAT(store_->Bury(id, worker, {.why = "x", .cause = rules::Cause::kUnreachable}, Now()),
                ErrorIs(ErrorCode::kNotFound));
  }
  EXPECT_TRUE((*Found("a"))->leased);
  EXPECT_THAT(store_->Complete(id, "w"), IsOk());
  EXPECT_FALSE(*Found("a"));
  EXPECT_THAT(store_->Complete(id, "w"), ErrorIs(ErrorCode::kNotFound));
}

// A host that gave nothing readable says nothing of the others.
TEST_F(QueueTest, AVerdictEndsTheJobsAtOtherHostsAnUnknownDoesNot) {
  for (const std::string host : {"one.example/a", "two.example/a", "three.example/a"})
    ASSERT_THAT(store_->Enqueue(ImageAt(host, "a"), Priority::kWatched, Now()), IsOk());
  GivenJob("b");
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kUnknown), Now()), IsOk());
  ASSERT_THAT(store_->Complete(Leased()->id, "w"), IsOk());
  EXPECT_EQ(store_->Stats(Now())->ready, 3U);
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  ASSERT_THAT(store_->Complete(Leased()->id, "w"), IsOk());
  EXPECT_EQ(Leased()->image, Image("b"));
  EXPECT_FALSE(Leased());
}

TEST_F(QueueTest, APostponedJobRestsAndSaysWhy) {
  GivenJob("a");
  EXPECT_EQ((*Found("a"))->cause, rules::Cause::kPending);
  Fail(*Leased(), std::chrono::seconds(30));
  EXPECT_FALSE(Leased());
  const auto state = *Found("a");
  EXPECT_EQ(state->why, "503");
  EXPECT_EQ(state->cause, rules::Cause::kUnreachable);
  EXPECT_EQ(state->not_before, Now() + std::chrono::seconds(30));
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(Leased()->attempts, 1);
}

TEST_F(QueueTest, ADeadLetterSaysWhatItMakesOfTheImage) {
  GivenJob("a");
  ASSERT_THAT(store_->Bury(Leased()->id, "w",
                           {.why = "crashed", .cause = rules::Cause::kUnreadable}, Now()),
              IsOk());
  const auto state = *Found("a");
  EXPECT_TRUE(state->dead);
  EXPECT_EQ(state->why, "crashed");
  EXPECT_EQ(state->cause, rules::Cause::kUnreadable);
  EXPECT_EQ(store_->Stats(Now())->dead, 1U);
  EXPECT_FALSE(Leased());
}

TEST_F(QueueTest, SkipsHostsThatAskedForQuiet) {
  GivenJob("a");
  EXPECT_FALSE(*store_->Lease("w", std::chrono::minutes(1), Now(),
                              {.skip_hosts = {"other.example", "reg.example"}}));
  EXPECT_TRUE(
      *store_->Lease("w", std::chrono::minutes(1), Now(), {.skip_hosts = {"other.example"}}));
}

TEST_F(QueueTest, AWorkerForUrgentJobsTakesNoOthers) {
  GivenJob("slow");
  const LeaseFilter urgent{.skip_hosts = {}, .least_urgent = Priority::kAdmission};
  EXPECT_FALSE(*store_->Lease("w", std::chrono::minutes(1), Now(), urgent));
  GivenJob("urgent", Priority::kAdmission);
  EXPECT_EQ((*store_->Lease("w", std::chrono::minutes(1), Now(), urgent))->image, Image("urgent"));
}

TEST_F(QueueTest, StatsTellTheQueueApart) {
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

class WorkerNameTest : public StoreCase {
 protected:
  // What the only job has, leased by a worker of that name.
  std::optional<Job> Hold(SqliteStore& store, const std::string& name) {
    return *store.Lease(name + "/1", std::chrono::hours(1), Now(), {});
  }
};

TEST_F(WorkerNameTest, TwoStoresOnOneFileHaveTwoNames) {
  auto other = *SqliteStore::Open(Path(), logger_);
  EXPECT_EQ(*store_->ClaimWorkerName(Now()), "scanner-0");
  GivenJob("a");
  ASSERT_TRUE(Hold(*store_, "scanner-0"));
  EXPECT_EQ(*other->ClaimWorkerName(Now()), "scanner-1");
  EXPECT_TRUE((*Found("a"))->leased) << "a newcomer frees nothing of the living";
}

TEST_F(WorkerNameTest, ADeadScannersNameIsFreeAndItsLeasesAreCrashes) {
  auto other = *SqliteStore::Open(Path(), logger_);
  ASSERT_EQ(*store_->ClaimWorkerName(Now()), "scanner-0");
  ASSERT_EQ(*other->ClaimWorkerName(Now()), "scanner-1");
  GivenJob("a");
  ASSERT_TRUE(Hold(*store_, "scanner-1"));
  other.reset();
  EXPECT_TRUE((*Found("a"))->leased);
  other = *SqliteStore::Open(Path(), logger_);
  EXPECT_EQ(*other->ClaimWorkerName(Now()), "scanner-1");
  const auto job = Hold(*other, "scanner-1");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->crashes, 1);
}

// "scanner-1" is not "scanner-10" or "scanner-1x".
TEST_F(WorkerNameTest, NamesWithTheSameStartAreOthers) {
  for (const std::string worker : {"scanner-00/1", "scanner-0", "scanner-/0", "scanner-0x/1"}) {
    ASSERT_THAT(store_->Enqueue(ImageAt("reg.example/" + std::to_string(worker.size()), worker),
                                Priority::kWatched, Now()),
                IsOk());
    ASSERT_TRUE(*store_->Lease(worker, std::chrono::hours(1), Now(), {}));
  }
  ASSERT_EQ(*store_->ClaimWorkerName(Now()), "scanner-0");
  EXPECT_EQ(store_->Stats(Now())->leased, 4U);
}

TEST_F(WorkerNameTest, ThereIsAnEndToThem) {
  for (int i = 0; i < Store::kMaxScanners; ++i) ASSERT_THAT(store_->ClaimWorkerName(Now()), IsOk());
  EXPECT_THAT(store_->ClaimWorkerName(Now()), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(WorkerNameTest, AStoreInMemoryHasOneToo) {
  const auto store = *SqliteStore::OpenInMemory(logger_);
  EXPECT_EQ(*store->ClaimWorkerName(Now()), "scanner-0");
}

// A crash may be the fault of any job that was held: those are tried alone, the others go on.
TEST_F(WorkerNameTest, JobsThatCrashedAreTakenOneAtATime) {
  GivenJob("a");
  GivenJob("b");
  ASSERT_TRUE(Leased("scanner-0/0"));
  ASSERT_TRUE(Leased("scanner-0/1"));
  ASSERT_THAT(store_->ClaimWorkerName(Now()), IsOk());
  GivenJob("c");
  const auto suspect = Leased("w");
  EXPECT_EQ(suspect->crashes, 1);
  EXPECT_EQ(Leased("w")->crashes, 0);
  EXPECT_FALSE(Leased("w"));
  ASSERT_THAT(store_->Complete(suspect->id, "w"), IsOk());
  EXPECT_EQ(Leased("w")->crashes, 1);
}

// Two processes lease from one file: no job goes to both.
TEST_F(QueueTest, TwoStoresShareTheQueueWithoutDoubling) {
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

}  // namespace
}  // namespace xzgate::store
