#include "tests/scanner/store/store_case.h"

namespace xzgate::store {
namespace {

class EnqueueTest : public StoreCase {
 protected:
  void GivenDead(const std::string& name, rules::Cause cause = rules::Cause::kUnreachable) {
    GivenJob(name);
    const auto job = Leased();
    ASSERT_TRUE(job);
    ASSERT_THAT(store_->Bury(job->id, "w", {.why = "gone", .cause = cause}, Now()), IsOk());
  }
};

TEST_F(EnqueueTest, OneDigestIsOneJobAndItsPriorityOnlyRises) {
  GivenJob("a", Priority::kRescan);
  GivenJob("b");
  GivenJob("a", Priority::kAdmission);
  GivenJob("a", Priority::kRescan);
  EXPECT_EQ(Leased()->image, Image("a"));
  EXPECT_EQ(Leased()->image, Image("b"));
  EXPECT_FALSE(Leased());
}

// A digest asked for at a registry that never answers is no ban on the same digest elsewhere.
TEST_F(EnqueueTest, EachHostHasAJobOfItsOwn) {
  ASSERT_THAT(store_->Enqueue(ImageAt("evil.example/a", "a"), Priority::kAdmission, Now()), IsOk());
  ASSERT_THAT(store_->Enqueue(ImageAt("good.example/a", "a"), Priority::kAdmission, Now()), IsOk());
  EXPECT_EQ(Leased()->image, ImageAt("evil.example/a", "a"));
  EXPECT_EQ(Leased()->image, ImageAt("good.example/a", "a"));
  EXPECT_TRUE((*store_->FindJob(ImageAt("good.example/other", "a")))->leased);
  EXPECT_FALSE(*store_->FindJob(ImageAt("third.example/a", "a")));
}

TEST_F(EnqueueTest, AFailedJobMovesToTheRepositoryNamedNext) {
  ASSERT_THAT(store_->Enqueue(ImageAt("reg.example/x", "a"), Priority::kWatched, Now()), IsOk());
  ASSERT_THAT(store_->Enqueue(ImageAt("reg.example/y", "a"), Priority::kWatched, Now()), IsOk());
  const auto first = Leased();
  EXPECT_EQ(first->image, ImageAt("reg.example/x", "a"));
  Fail(*first, std::chrono::seconds(1));
  ASSERT_THAT(store_->Enqueue(ImageAt("reg.example/y", "a"), Priority::kWatched, Now()), IsOk());
  EXPECT_FALSE(Leased()) << "only admission ends a rest";
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Leased()->image, ImageAt("reg.example/y", "a"));
}

TEST_F(EnqueueTest, ALeasedJobKeepsItsRepository) {
  ASSERT_THAT(store_->Enqueue(ImageAt("reg.example/x", "a"), Priority::kWatched, Now()), IsOk());
  const auto job = Leased();
  ASSERT_THAT(store_->Enqueue(ImageAt("reg.example/y", "a"), Priority::kAdmission, Now()), IsOk());
  Fail(*job, std::chrono::seconds(0));
  EXPECT_EQ(Leased()->image, ImageAt("reg.example/x", "a"));
}

// A person who tries again does not wait for a back-off; the host's own window is kept by the
// caller.
TEST_F(EnqueueTest, AdmissionEndsARest) {
  GivenJob("a");
  Fail(*Leased(), std::chrono::hours(1));
  GivenJob("a", Priority::kWatched);
  EXPECT_EQ((*Found("a"))->why, "503");
  GivenJob("a", Priority::kAdmission);
  EXPECT_EQ((*Found("a"))->why, "");
  EXPECT_EQ((*Found("a"))->cause, rules::Cause::kPending);
  EXPECT_TRUE(Leased());
}

// Nothing changes, so nobody who waits for a change is woken.
TEST_F(EnqueueTest, AskingAgainWritesNothing) {
  auto other = *SqliteStore::Open(Path(), logger_);
  GivenJob("a", Priority::kAdmission);
  const auto before = *other->ChangeCounter();
  GivenJob("a", Priority::kAdmission);
  GivenJob("a", Priority::kRescan);
  EXPECT_EQ(*other->ChangeCounter(), before);
}

struct ReviveCase {
  std::string name;
  std::string repository;
  Priority priority;
  std::chrono::minutes later;
  bool want;
};

class DeadLetterTest : public EnqueueTest, public ::testing::WithParamInterface<ReviveCase> {};

TEST_P(DeadLetterTest, ComesBackToLife) {
  GivenDead("a");
  clock_.Advance(GetParam().later);
  EXPECT_TRUE(*store_->Enqueue(ImageAt(GetParam().repository, "a"), GetParam().priority, Now()));
  const auto job = Leased();
  ASSERT_EQ(job.has_value(), GetParam().want);
  EXPECT_EQ((*Found("a"))->dead, !GetParam().want);
  if (job) {
    EXPECT_EQ(job->image, ImageAt(GetParam().repository, "a"));
    EXPECT_EQ(job->attempts, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    When, DeadLetterTest,
    ::testing::Values(
        ReviveCase{"NotForAdmission", "reg.example/a", Priority::kAdmission, {}, false},
        ReviveCase{"NotForATag", "reg.example/a", Priority::kWatched, {}, false},
        ReviveCase{"NotBeforeItsRest", "reg.example/a", Priority::kAdmission,
                   std::chrono::minutes(9), false},
        ReviveCase{"AfterItsRest", "reg.example/a", Priority::kAdmission, std::chrono::minutes(10),
                   true},
        ReviveCase{"NotForARescan", "reg.example/a", Priority::kRescan, {}, false},
        ReviveCase{"AtAnotherRepository", "reg.example/b", Priority::kAdmission, {}, true}),
    [](const auto& test) { return test.param.name; });

TEST_F(EnqueueTest, WhatCrashedTheScannerRestsAnHour) {
  GivenDead("a", rules::Cause::kUnreadable);
  clock_.Advance(std::chrono::minutes(59));
  GivenJob("a");
  EXPECT_TRUE((*Found("a"))->dead);
  clock_.Advance(std::chrono::minutes(1));
  GivenJob("a");
  EXPECT_FALSE((*Found("a"))->dead);
}

}  // namespace
}  // namespace xzgate::store
