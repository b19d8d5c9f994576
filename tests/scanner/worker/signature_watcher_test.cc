#include "scanner/worker/signature_watcher.h"

#include "scanner/worker/signature_schedule.h"
#include "tests/scanner/worker/signature_case.h"

namespace xzgate::worker {
namespace {

using signature::Outcome;

class SignatureWatcherTest : public SignatureCase {
 protected:
  void Look() { watcher_.QueueDue(); }
  std::uint64_t Queued() { return store_->Stats(clock_.WallNow())->ready; }

  const oci::Descriptor image_ = ManifestOf({Layer("5.4.1")});
  SignatureWatcher watcher_{*store_, requirements_, clock_, logger_};
};

TEST_F(SignatureWatcherTest, QueuesWhatHasNoReport) {
  GivenSighting(image_);
  Look();
  EXPECT_EQ(Queued(), 1U);
  Run();
  Look();
  EXPECT_EQ(Queued(), 0U);
}

TEST_F(SignatureWatcherTest, QueuesNothingThatNobodyAsksFor) {
  requirements_.Set({});
  GivenSighting(image_);
  Look();
  EXPECT_EQ(Queued(), 0U);
}

TEST_F(SignatureWatcherTest, QueuesAllAfterAPolicyChange) {
  GivenSighting(image_);
  Look();
  Run();
  Require("other-policy");
  Look();
  EXPECT_EQ(Queued(), 1U);
}

TEST_F(SignatureWatcherTest, FindsANewSignatureWithinTenMinutes) {
  GivenSighting(image_);
  Look();
  Run();
  ASSERT_EQ(Outcome(image_), Outcome::kUnsigned);
  Sign(image_);
  clock_.Advance(kLeastSpacing - std::chrono::milliseconds(1));
  Look();
  EXPECT_EQ(Queued(), 0U);
  clock_.Advance(std::chrono::milliseconds(1));
  Look();
  ASSERT_EQ(Queued(), 1U);
  Run();
  EXPECT_EQ(Outcome(image_), Outcome::kVerified);
}

TEST_F(SignatureWatcherTest, RenewsBeforeTheEnd) {
  Sign(image_);
  GivenSighting(image_);
  Look();
  Run();
  ASSERT_EQ(Outcome(image_), Outcome::kVerified);
  clock_.Advance(std::chrono::hours(23));
  GivenSighting(image_);
  Look();
  EXPECT_EQ(Queued(), 1U);
}

TEST_F(SignatureWatcherTest, LeavesImagesThatNobodyAskedForInADay) {
  GivenSighting(image_);
  clock_.Advance(kLookedAfter + std::chrono::milliseconds(1));
  Look();
  EXPECT_EQ(Queued(), 0U);
}

TEST_F(SignatureWatcherTest, LeavesWhatRestsAfterAFailure) {
  GivenSighting(image_);
  Look();
  source_.FailWith(Error(ErrorCode::kUnavailable, "503"));
  Run();
  Look();
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 0U);
  EXPECT_EQ(store_->Stats(clock_.WallNow())->waiting, 1U);
  EXPECT_THAT((*Found(image_))->why, HasSubstr("503"));
}

TEST_F(SignatureWatcherTest, ARoundIsBounded) {
  for (std::size_t i = 0; i <= SignatureWatcher::kMaxQueued; ++i)
    GivenSighting(source_.Put("t", "image " + std::to_string(i)));
  Look();
  EXPECT_EQ(Queued(), SignatureWatcher::kMaxQueued);
  Look();
  EXPECT_EQ(Queued(), SignatureWatcher::kMaxQueued + 1);
}

}  // namespace
}  // namespace xzgate::worker
