#include "scanner/worker/job_runner.h"

#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {
namespace {

using JobRunnerTest = WorkerCase;

TEST_F(JobRunnerTest, TheRunnerStoresAndCompletes) {
  const auto image = ManifestOf({Layer("5.6.1-1")});
  GivenJob(image);
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_FALSE(*Found(image));
  EXPECT_EQ((*store_->FindReport(image.digest, pack_.Key()))->verdict, rules::Verdict::kAffected);
  EXPECT_FALSE(*Runner().RunOne("w", {}));
}

struct RetryCase {
  std::string name;
  ErrorCode code;
  bool costs;
};

class RunnerRetries : public WorkerCase, public ::testing::WithParamInterface<RetryCase> {};

TEST_P(RunnerRetries, CostAnAttemptOnlyWhenTheImageIsToBlame) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailWith(Error(GetParam().code, "the registry said so"));
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_THAT((*Found(image))->why, HasSubstr("the registry said so"));
  EXPECT_EQ((*Found(image))->cause, CauseOf(GetParam().code));
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ((*Lease())->attempts, GetParam().costs ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, RunnerRetries,
    ::testing::Values(RetryCase{"RateLimitOr5xx", ErrorCode::kUnavailable, false},
                      RetryCase{"Unauthenticated", ErrorCode::kUnauthenticated, false},
                      RetryCase{"Timeout", ErrorCode::kDeadlineExceeded, false},
                      RetryCase{"NotFound", ErrorCode::kNotFound, true},
                      RetryCase{"WrongBytes", ErrorCode::kIntegrity, true},
                      RetryCase{"Forbidden", ErrorCode::kPermissionDenied, true}),
    [](const auto& test) { return test.param.name; });

TEST_F(JobRunnerTest, GivesUpAfterTheLastAttempt) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailWith(Error(ErrorCode::kNotFound, "gone"));
  for (int i = 0; i < options_.max_attempts; ++i) {
    EXPECT_TRUE(*Runner().RunOne("w", {})) << i;
    clock_.Advance(std::chrono::hours(1));
  }
  EXPECT_TRUE((*Found(image))->dead);
  EXPECT_EQ((*Found(image))->cause, rules::Cause::kUnreachable);
  EXPECT_FALSE(*Runner().RunOne("w", {}));
}

TEST_F(JobRunnerTest, TheThirdCrashParksTheImage) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  for (int i = 0; i < options_.max_crashes; ++i) {
    ASSERT_TRUE(*Lease());
    clock_.Advance(std::chrono::minutes(2));
  }
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_TRUE((*Found(image))->dead);
  EXPECT_THAT((*Found(image))->why, HasSubstr("crashed 3 times"));
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));  // of the digest it says nothing
  EXPECT_EQ((*Found(image))->cause, rules::Cause::kUnreadable);
  EXPECT_EQ(observer_.scans, 0);
}

class RunnerThatLostItsLease : public WorkerCase, public ::testing::WithParamInterface<bool> {};

// A pause of the whole machine, say: meanwhile somebody else took the job.
TEST_P(RunnerThatLostItsLease, EndsNothingOfTheNewHolder) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  if (GetParam()) source_.FailWith(Error(ErrorCode::kUnavailable, "503"));
  observer_.after_scan = [this] {
    clock_.Advance(2 * options_.lease);
    ASSERT_TRUE(*Lease("new holder"));
  };
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_TRUE((*Found(image))->leased);
  EXPECT_EQ(logger_.Find("job was ended by another scan").size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Outcomes, RunnerThatLostItsLease, ::testing::Values(false, true),
                         [](const auto& test) { return test.param ? "Failed" : "Answered"; });

TEST_F(JobRunnerTest, AStopGivesTheJobBackAsItCame) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  const std::atomic<bool> stop = true;
  EXPECT_TRUE(
      *Runner().RunOne("w", {.deadline = Deadline::Never(), .urgent = false, .stop = &stop}));
  const auto job = Lease();
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->attempts, 0);
  EXPECT_EQ((*job)->crashes, 0);
}

// A registry that drips must not hold every thread.
TEST_F(JobRunnerTest, OneRegistryNeverGetsAllThreads) {
  options_.per_host = 0;
  GivenJob(ManifestOf({Layer("5.4.1")}));
  EXPECT_FALSE(*Runner().RunOne("w", {}));
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 1U);
  options_.per_host = 1;
  EXPECT_TRUE(*Runner().RunOne("w", {}));
}

TEST_F(JobRunnerTest, TheLastPlaceIsForAdmissionMisses) {
  options_.threads = 0;
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  EXPECT_FALSE(*Runner().RunOne("w", {}));
  ASSERT_THAT(store_->Enqueue(Pinned(image), store::Priority::kAdmission, clock_.WallNow()),
              IsOk());
  EXPECT_TRUE(*Runner().RunOne("w", {}));
}

}  // namespace
}  // namespace xzgate::worker
