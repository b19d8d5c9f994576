#include "scanner/worker/tag_watcher.h"

#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {
namespace {

using TagWatcherTest = WorkerCase;

TEST_F(TagWatcherTest, TheWatcherQueuesTagsThatMatch) {
  const auto image = ManifestOf({Layer("5.4.1")});
  source_.Tag("reg.example/app:v1", image.digest);
  source_.Tag("reg.example/app:dev", Layer("1").digest);
  options_.repositories = {
      {.repository = oci::Reference::Parse("reg.example/app")->repository(), .tags = {"v*"}}};
  Watcher(pack_.Key()).Refresh({});
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 1U);
  EXPECT_TRUE(*Found(image));
}

TEST_F(TagWatcherTest, SignaturesUnderTagsAreNoImages) {
  const std::string digest = "sha256-" + std::string(64, 'a');
  for (const char* ending : {"", ".sig", ".att", ".sbom"})
    source_.Tag("reg.example/app:" + digest + ending, Layer("1").digest);
  options_.repositories = {
      {.repository = oci::Reference::Parse("reg.example/app")->repository(), .tags = {"*"}}};
  Watcher(pack_.Key()).Refresh({});
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 0U);
  for (const auto& tag : {digest + "a", digest + ".v1", std::string("sha256-1"), std::string("v1")})
    source_.Tag("reg.example/app:" + tag, oci::Digest::Of(AsBytes(tag)));
  Watcher(pack_.Key()).Refresh({});
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 4U);
}

TEST_F(TagWatcherTest, TheWatcherFollowsTagsThatWorkloadsUse) {
  const auto before = ManifestOf({Layer("5.4.1")});
  const auto after = ManifestOf({Layer("5.6.1-1")});
  Scan(before);
  GivenSighting(before, "reg.example/app:latest");
  source_.Tag("reg.example/app:latest", after.digest);
  Watcher(pack_.Key()).Refresh({});
  EXPECT_TRUE(*Found(after));
  EXPECT_FALSE(*Found(before));
}

TEST_F(TagWatcherTest, TheWatcherQueuesWhatOtherRulesJudged) {
  const auto image = ManifestOf({Layer("5.4.1")});
  Scan(image);
  GivenSighting(image);
  Watcher(pack_.Key()).QueueUnanswered();
  EXPECT_FALSE(*Found(image));
  Watcher("OTHER@1").QueueUnanswered();
  EXPECT_TRUE(*Found(image));
}

// Content may be mended, a registry may have lied, a scanner may crash no more.
TEST_F(TagWatcherTest, AnUnknownThatWasSeenIsScannedAgainAfterItsLife) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenSighting(image);
  GivenJob(image);
  for (int i = 0; i < options_.max_crashes; ++i) {
    ASSERT_TRUE(*Lease());
    clock_.Advance(std::chrono::minutes(2));
  }
  ASSERT_TRUE(*Runner().RunOne("w", {}));
  clock_.Advance(kUnknownLife);
  Watcher(pack_.Key()).QueueUnanswered();
  EXPECT_FALSE(*Runner().RunOne("w", {}));
  clock_.Advance(std::chrono::milliseconds(1));
  Watcher(pack_.Key()).QueueUnanswered();
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_EQ((*store_->FindReport(image.digest, pack_.Key()))->verdict, rules::Verdict::kClean);
}

}  // namespace
}  // namespace xzgate::worker
