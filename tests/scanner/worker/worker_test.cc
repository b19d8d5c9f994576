#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "scanner/store/sqlite_store.h"
#include "scanner/worker/job_runner.h"
#include "scanner/worker/service.h"
#include "scanner/worker/tag_watcher.h"
#include "tests/support/compress.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_image_source.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::worker {
namespace {

using ::testing::HasSubstr;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeImageSource;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TarBuilder;

class NullObserver final : public ScanObserver {
 public:
  void OnScan(const ScanResult&, std::chrono::nanoseconds) override { ++scans; }
  std::atomic<int> scans = 0;
};

std::string Status(const std::string& version) {
  return "Package: liblzma5\nStatus: install ok installed\nArchitecture: amd64\nVersion: " +
         version + "\n\n";
}

std::string DescriptorJson(const oci::Descriptor& d, const std::string& more = "") {
  return R"({"mediaType":")" + d.media_type + R"(","digest":")" + d.digest.ToString() +
         R"(","size":)" + std::to_string(d.size) + more + "}";
}

// Images of dpkg layers in a registry in memory.
class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest()
      : store_(*store::SqliteStore::OpenInMemory(logger_)),
        scanner_(source_, *store_, pack_, clock_, logger_, {}) {}

  oci::Descriptor Layer(const std::string& version) {
    const std::string tar = TarBuilder().AddFile("var/lib/dpkg/status", Status(version)).Finish();
    return source_.Put("application/vnd.oci.image.layer.v1.tar+gzip", ::xzgate::testing::Gzip(tar));
  }
  oci::Descriptor ApkLayer(const std::string& version) {
    const std::string database = "P:xz-libs\nV:" + version + "\nA:x86_64\no:xz\n\n";
    const std::string tar = TarBuilder().AddFile("lib/apk/db/installed", database).Finish();
    return source_.Put("application/vnd.oci.image.layer.v1.tar+gzip", ::xzgate::testing::Gzip(tar));
  }
  oci::Descriptor ManifestOf(const std::vector<oci::Descriptor>& layers,
                             const std::string& architecture = "amd64",
                             const std::string& config_type = std::string(oci::kOciConfig)) {
    const auto config =
        source_.Put(config_type, R"({"os":"linux","architecture":")" + architecture +
                                     R"(","config":{},"rootfs":{"type":"layers","diff_ids":[]}})");
    std::string list;
    for (const auto& layer : layers) list += (list.empty() ? "" : ",") + DescriptorJson(layer);
    return source_.Put(std::string(oci::kOciManifest),
                       R"({"schemaVersion":2,"mediaType":")" + std::string(oci::kOciManifest) +
                           R"(","config":)" + DescriptorJson(config) + R"(,"layers":[)" + list +
                           "]}");
  }
  oci::Descriptor IndexOf(const std::vector<std::pair<oci::Descriptor, std::string>>& children) {
    std::string list;
    for (const auto& [child, architecture] : children) {
      list += (list.empty() ? "" : ",") +
              DescriptorJson(
                  child, R"(,"platform":{"os":"linux","architecture":")" + architecture + "\"}");
    }
    return source_.Put(std::string(oci::kOciIndex), R"({"schemaVersion":2,"mediaType":")" +
                                                        std::string(oci::kOciIndex) +
                                                        R"(","manifests":[)" + list + "]}");
  }
  static oci::PinnedReference Pinned(const oci::Descriptor& d) {
    return oci::PinnedReference(oci::Reference::Parse("reg.example/app")->repository(), d.digest);
  }
  ScanResult Scan(const oci::Descriptor& d) { return scanner_.Scan(Pinned(d), {}); }

  JobRunner Runner() { return {scanner_, source_, *store_, clock_, logger_, observer_, options_}; }
  void GivenJob(const oci::Descriptor& d) {
    ASSERT_THAT(store_->Enqueue(Pinned(d), store::Priority::kRepository, clock_.WallNow()), IsOk());
  }

  FakeLogger logger_;
  FakeClock clock_;
  FakeImageSource source_;
  std::unique_ptr<store::SqliteStore> store_;
  const rules::RulePack& pack_ = rules::RulePack::BuiltIn();
  ImageScanner scanner_;
  NullObserver observer_;
  ServiceOptions options_;
};

TEST_F(WorkerTest, ScansAManifest) {
  const ScanResult result = Scan(ManifestOf({Layer("5.6.1-1")}));
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffected);
  EXPECT_FALSE(result.retry);
  EXPECT_EQ(result.cost.layers_read, 1U);
  EXPECT_TRUE(*store_->FindReport(*oci::Digest::Parse(result.report.digest), pack_.Key()));
}

TEST_F(WorkerTest, ReadsALayerOnceInItsLife) {
  const auto base = Layer("5.4.1-0.2");
  Scan(ManifestOf({base}));
  const ScanResult second = Scan(ManifestOf({base, Layer("5.4.1-0.3")}));
  EXPECT_EQ(second.cost.layers_reused, 1U);
  EXPECT_EQ(second.cost.layers_read, 1U);
  EXPECT_EQ(source_.blobs(), 2);
}

// New rules over a warm store: verdicts anew, without a byte of a layer or a manifest.
TEST_F(WorkerTest, NewRulesReadNothingAgain) {
  const auto image = ManifestOf({Layer("5.6.1-1")});
  Scan(image);
  rules::RulePack newer = pack_;
  newer.version = "next";
  ImageScanner next(source_, *store_, newer, clock_, logger_, {});
  const int manifests = source_.manifests();
  const int blobs = source_.blobs();
  EXPECT_EQ(next.Scan(Pinned(image), {}).report.verdict, rules::Verdict::kAffected);
  EXPECT_EQ(source_.manifests(), manifests);
  EXPECT_EQ(source_.blobs(), blobs);
}

TEST_F(WorkerTest, AnIndexIsAsBadAsItsWorstPlatform) {
  const ScanResult result = Scan(IndexOf({{ManifestOf({Layer("5.6.1-1")}), "amd64"},
                                          {ManifestOf({Layer("5.4.1-0.2")}, "arm64"), "arm64"}}));
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffected);
  EXPECT_EQ(result.report.platforms.size(), 2U);
}

TEST_F(WorkerTest, OnlyConfiguredPlatformsDecide) {
  ScanOptions options;
  options.platforms = {{.os = "linux", .architecture = "arm64", .variant = ""}};
  ImageScanner scanner(source_, *store_, pack_, clock_, logger_, options);
  const auto index = IndexOf({{ManifestOf({Layer("5.6.1-1")}), "amd64"},
                              {ManifestOf({Layer("5.4.1-0.2")}, "arm64"), "arm64"}});
  EXPECT_EQ(scanner.Scan(Pinned(index), {}).report.verdict, rules::Verdict::kClean);
}

TEST_F(WorkerTest, AnArtifactIsNoImage) {
  const auto blob = source_.Put("application/json", "{}");
  const auto artifact = ManifestOf({blob}, "amd64", "application/vnd.oci.empty.v1+json");
  const ScanResult result = Scan(artifact);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kUnknown);
  EXPECT_EQ(result.report.cause, rules::Cause::kNotAnImage);
}

// An artifact that carries a tar layer can be unpacked: it is read like an image.
TEST_F(WorkerTest, AnArtifactWithATarLayerIsRead) {
  EXPECT_EQ(
      Scan(IndexOf({{ManifestOf({Layer("5.6.1-1")}, "amd64", "application/vnd.example.config+json"),
                     "amd64"}}))
          .report.verdict,
      rules::Verdict::kAffected);
}

TEST_F(WorkerTest, WrongBytesAreUnreadableAndStay) {
  oci::Descriptor layer = Layer("5.4.1");
  layer.size += 1;
  const ScanResult result = Scan(ManifestOf({layer}));
  EXPECT_EQ(result.report.cause, rules::Cause::kUnreadable);
  EXPECT_FALSE(result.retry);
}

TEST_F(WorkerTest, AMissingLayerMayComeBack) {
  const auto layer = Layer("5.4.1");
  const auto image = ManifestOf({layer});
  source_.Remove(layer.digest);
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kUnknown);
  EXPECT_EQ(result.report.cause, rules::Cause::kUnreachable);
  EXPECT_TRUE(result.retry);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
}

// What was found stands, whatever else could not be reached.
TEST_F(WorkerTest, ABadLayerOutvotesAMissingOne) {
  const auto missing = Layer("5.4.2");
  const auto image = ManifestOf({missing, Layer("5.6.1-1")});
  source_.Remove(missing.digest);
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffected);
  EXPECT_FALSE(result.retry);
}

// A version without payload in one layer says nothing of the layer that was not there.
TEST_F(WorkerTest, AMilderFindingWaitsForAMissingLayer) {
  const auto missing = Layer("5.4.2");
  const auto image = ManifestOf({ApkLayer("5.6.1-r1"), missing});
  source_.Remove(missing.digest);
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffectedVersion);
  EXPECT_TRUE(result.retry);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
}

TEST_F(WorkerTest, TheRunnerStoresAndCompletes) {
  const auto image = ManifestOf({Layer("5.6.1-1")});
  GivenJob(image);
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_FALSE(*store_->FindJob(image.digest));
  EXPECT_EQ((*store_->FindReport(image.digest, pack_.Key()))->verdict, rules::Verdict::kAffected);
  EXPECT_FALSE(*Runner().RunOne("w", {}));
}

struct RetryCase {
  std::string name;
  ErrorCode code;
  bool costs;
};

class RunnerRetries : public WorkerTest, public ::testing::WithParamInterface<RetryCase> {};

TEST_P(RunnerRetries, CostAnAttemptOnlyWhenTheImageIsToBlame) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailWith(Error(GetParam().code, "the registry said so"));
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  EXPECT_THAT((*store_->FindJob(image.digest))->why, HasSubstr("the registry said so"));
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ((*store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {}))->attempts,
            GetParam().costs ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, RunnerRetries,
    ::testing::Values(RetryCase{"RateLimitOr5xx", ErrorCode::kUnavailable, false},
                      RetryCase{"Unauthenticated", ErrorCode::kUnauthenticated, false},
                      RetryCase{"Timeout", ErrorCode::kDeadlineExceeded, false},
                      RetryCase{"NotFound", ErrorCode::kNotFound, true},
                      RetryCase{"Forbidden", ErrorCode::kPermissionDenied, true}),
    [](const auto& test) { return test.param.name; });

TEST_F(WorkerTest, GivesUpAfterTheLastAttempt) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailWith(Error(ErrorCode::kNotFound, "gone"));
  for (int i = 0; i < options_.max_attempts; ++i) {
    EXPECT_TRUE(*Runner().RunOne("w", {})) << i;
    clock_.Advance(std::chrono::hours(1));
  }
  EXPECT_TRUE((*store_->FindJob(image.digest))->dead);
  EXPECT_FALSE(*Runner().RunOne("w", {}));
}

TEST_F(WorkerTest, TheThirdCrashParksTheImage) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  for (int i = 0; i < options_.max_crashes; ++i) {
    ASSERT_TRUE(*store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {}));
    clock_.Advance(std::chrono::minutes(2));
  }
  EXPECT_TRUE(*Runner().RunOne("w", {}));
  const auto report = store_->FindReport(image.digest, pack_.Key());
  ASSERT_TRUE(report && *report);
  EXPECT_EQ((*report)->cause, rules::Cause::kUnreadable);
  EXPECT_THAT((*report)->detail, HasSubstr("crashed 3 times"));
  EXPECT_EQ(observer_.scans, 0);
}

TEST_F(WorkerTest, AStopGivesTheJobBackAsItCame) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  const std::atomic<bool> stop = true;
  EXPECT_TRUE(
      *Runner().RunOne("w", {.deadline = Deadline::Never(), .urgent = false, .stop = &stop}));
  const auto job = store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->attempts, 0);
  EXPECT_EQ((*job)->crashes, 0);
}

TEST_F(WorkerTest, TheWatcherQueuesTagsThatMatch) {
  const auto image = ManifestOf({Layer("5.4.1")});
  source_.Tag("reg.example/app:v1", image.digest);
  source_.Tag("reg.example/app:dev", Layer("1").digest);
  options_.repositories = {
      {.repository = oci::Reference::Parse("reg.example/app")->repository(), .tags = {"v*"}}};
  TagWatcher(source_, *store_, clock_, logger_, options_, pack_.Key()).Refresh({});
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 1U);
  EXPECT_TRUE(*store_->FindJob(image.digest));
}

TEST_F(WorkerTest, TheWatcherFollowsTagsThatWorkloadsUse) {
  const auto before = ManifestOf({Layer("5.4.1")});
  const auto after = ManifestOf({Layer("5.6.1-1")});
  Scan(before);
  ASSERT_THAT(store_->RecordSighting({.image = Pinned(before).ToString(),
                                      .reference = "reg.example/app:latest",
                                      .workload = "pods/a/b",
                                      .namespace_name = "a",
                                      .when = clock_.WallNow()}),
              IsOk());
  source_.Tag("reg.example/app:latest", after.digest);
  TagWatcher(source_, *store_, clock_, logger_, options_, pack_.Key()).Refresh({});
  EXPECT_TRUE(*store_->FindJob(after.digest));
  EXPECT_FALSE(*store_->FindJob(before.digest));
}

TEST_F(WorkerTest, TheWatcherQueuesWhatOtherRulesJudged) {
  const auto image = ManifestOf({Layer("5.4.1")});
  Scan(image);
  ASSERT_THAT(store_->RecordSighting({.image = Pinned(image).ToString(),
                                      .reference = "reg.example/app:1",
                                      .workload = "pods/a/b",
                                      .namespace_name = "a",
                                      .when = clock_.WallNow()}),
              IsOk());
  TagWatcher(source_, *store_, clock_, logger_, options_, pack_.Key()).QueueUnjudged();
  EXPECT_FALSE(*store_->FindJob(image.digest));
  TagWatcher(source_, *store_, clock_, logger_, options_, "OTHER@1").QueueUnjudged();
  EXPECT_TRUE(*store_->FindJob(image.digest));
}

// A registry that drips must not hold every thread.
TEST_F(WorkerTest, OneRegistryNeverGetsAllThreads) {
  options_.per_host = 0;
  GivenJob(ManifestOf({Layer("5.4.1")}));
  EXPECT_FALSE(*Runner().RunOne("w", {}));
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 1U);
  options_.per_host = 1;
  EXPECT_TRUE(*Runner().RunOne("w", {}));
}

TEST_F(WorkerTest, TheUrgentThreadTakesAdmissionMissesOnly) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  JobRunner runner(scanner_, source_, *store_, clock_, logger_, observer_, options_);
  EXPECT_FALSE(*runner.RunOne("w", {}, true));
  ASSERT_THAT(store_->Enqueue(Pinned(image), store::Priority::kAdmission, clock_.WallNow()),
              IsOk());
  EXPECT_TRUE(*runner.RunOne("w", {}, true));
}

// Many images on one base, scanned at once: the base is read once.
TEST_F(WorkerTest, TheServiceSharesLayersBetweenThreads) {
  const auto base = Layer("5.4.1-0.2");
  std::vector<oci::Descriptor> images;
  for (int i = 0; i < 12; ++i)
    images.push_back(ManifestOf({base, Layer("5.4." + std::to_string(i))}));
  const int before = source_.blobs();
  for (const auto& image : images) GivenJob(image);
  options_.threads = 4;
  options_.poll = std::chrono::milliseconds(1);
  SystemClock clock;
  Service service(scanner_, source_, *store_, clock, logger_, observer_, options_);
  service.Start();
  while (observer_.scans < 12) std::this_thread::yield();
  service.Stop();
  EXPECT_EQ(source_.blobs() - before, 13);
  for (const auto& image : images) EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
}

}  // namespace
}  // namespace xzgate::worker
