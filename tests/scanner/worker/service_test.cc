#include "scanner/worker/service.h"

#include <thread>

#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {
namespace {

using ServiceTest = WorkerCase;

// Many images on one base, scanned at once: the base is read once.
TEST_F(ServiceTest, TheServiceSharesLayersBetweenThreads) {
  const auto base = Layer("5.4.1-0.2");
  std::vector<oci::Descriptor> images;
  for (int i = 0; i < 12; ++i)
    images.push_back(ManifestOf({base, Layer("5.4." + std::to_string(i))}));
  const int before = source_.blobs();
  for (const auto& image : images) GivenJob(image);
  options_.threads = 4;
  options_.poll = std::chrono::milliseconds(1);
  Service service(scanner_, source_, *store_, requirements_, clock_, logger_, observer_, options_);
  service.Start();
  while (observer_.scans < 12) std::this_thread::yield();
  service.Stop();
  EXPECT_EQ(source_.blobs() - before, 13);
  for (const auto& image : images) EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
}

TEST_F(ServiceTest, ItTakesUpWhatItsDeadPredecessorHeld) {
  const auto image = ManifestOf({Layer("5.4.1")});
  ASSERT_THAT(store_->Enqueue(Pinned(image), store::Priority::kWatched, clock_.WallNow()), IsOk());
  ASSERT_TRUE(*store_->Lease("scanner-0/1", std::chrono::hours(1), clock_.WallNow(), {}));
  Service service(scanner_, source_, *store_, requirements_, clock_, logger_, observer_, options_);
  service.Start();
  while (observer_.scans < 1) std::this_thread::yield();
  service.Stop();
  EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
}

TEST_F(ServiceTest, ItForgetsWhatIsOutOfUse) {
  options_.retention = std::chrono::days(30);
  for (const int days : {31, 29}) {
    ASSERT_THAT(
        store_->RecordSighting({.image = "reg.example/" + std::to_string(days) + "@sha256:0",
                                .reference = "r",
                                .workload = "pods/a/b",
                                .namespace_name = "a",
                                .when = clock_.WallNow() - std::chrono::days(days)}),
        IsOk());
  }
  Service service(scanner_, source_, *store_, requirements_, clock_, logger_, observer_, options_);
  service.Start();
  while (store_->RecentSightings(10)->size() > 1) std::this_thread::yield();
  service.Stop();
  EXPECT_EQ(store_->RecentSightings(10)->at(0).image, "reg.example/29@sha256:0");
}

}  // namespace
}  // namespace xzgate::worker
