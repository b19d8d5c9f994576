#include "scanner/worker/lease_keeper.h"

#include <thread>

#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {
namespace {

class LeaseKeeperTest : public WorkerCase {
 protected:
  static constexpr std::chrono::milliseconds kLease{30};

  store::Job GivenLeasedJob() {
    const auto image = ManifestOf({Layer("5.4.1")});
    GivenJob(image);
    return **store_->Lease("w", kLease, clock_.WallNow(), {});
  }
};

// The scan that runs is the one that admission now waits for: its next requests are urgent.
TEST_F(LeaseKeeperTest, SeesThatAdmissionJoined) {
  const store::Job job = GivenLeasedJob();
  const LeaseKeeper keeper(*store_, clock_, job.id, "w", kLease);
  const registry::Access access{.raised = &keeper.raised()};
  EXPECT_FALSE(access.IsUrgent());
  ASSERT_THAT(store_->Enqueue(job.image, store::Priority::kAdmission, clock_.WallNow()), IsOk());
  while (!access.IsUrgent()) std::this_thread::yield();
}

TEST_F(LeaseKeeperTest, KeepsTheLease) {
  const store::Job job = GivenLeasedJob();
  const auto written = *store_->ChangeCounter();
  clock_.Advance(kLease / 2);
  const LeaseKeeper keeper(*store_, clock_, job.id, "w", kLease);
  while (*store_->ChangeCounter() == written) std::this_thread::yield();
  clock_.Advance(kLease / 2);
  EXPECT_FALSE(*Lease("another"));
}

}  // namespace
}  // namespace xzgate::worker
