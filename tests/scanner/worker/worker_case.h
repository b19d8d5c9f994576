#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

using ::testing::HasSubstr;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeImageSource;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TarBuilder;

class NullObserver final : public ScanObserver {
 public:
  void OnScan(const ScanResult&, std::chrono::nanoseconds) override {
    if (after_scan) after_scan();
    ++scans;
  }
  void OnVerification(const signature::Report&, std::chrono::nanoseconds) override {
    ++verifications;
  }
  std::atomic<int> scans = 0;
  std::atomic<int> verifications = 0;
  std::function<void()> after_scan;  // set before the first scan
};

// The policies in force, as a test says.
class FakeRequirements final : public RequirementSource {
 public:
  std::vector<signature::SealedRequirement> RequirementsFor(
      const oci::Repository& repository) override {
    const std::lock_guard lock(mutex_);
    return repository.path.starts_with("unasked/") ? decltype(list_){} : list_;
  }
  void Set(std::vector<signature::SealedRequirement> list) {
    const std::lock_guard lock(mutex_);
    list_ = std::move(list);
  }

 private:
  std::mutex mutex_;
  std::vector<signature::SealedRequirement> list_;
};

inline std::string Status(const std::string& version) {
  return "Package: liblzma5\nStatus: install ok installed\nArchitecture: amd64\nVersion: " +
         version + "\n\n";
}

inline std::string DescriptorJson(const oci::Descriptor& d, const std::string& more = "") {
  return R"({"mediaType":")" + d.media_type + R"(","digest":")" + d.digest.ToString() +
         R"(","size":)" + std::to_string(d.size) + more + "}";
}

// Images of dpkg layers in a registry in memory.
class WorkerCase : public ::testing::Test {
 protected:
  WorkerCase()
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

  TagWatcher Watcher(const std::string& rules) {
    return {source_, *store_, clock_, logger_, options_, rules};
  }
  void GivenSighting(const oci::Descriptor& d, const std::string& reference = "reg.example/app:1") {
    ASSERT_THAT(store_->RecordSighting({.image = Pinned(d).ToString(),
                                        .reference = reference,
                                        .workload = "pods/a/b",
                                        .namespace_name = "a",
                                        .when = clock_.WallNow()}),
                IsOk());
  }
  Result<std::optional<store::JobState>> Found(const oci::Descriptor& d) {
    return store_->FindJob(Pinned(d));
  }
  Result<std::optional<store::Job>> Lease(const std::string& worker = "w") {
    return store_->Lease(worker, std::chrono::minutes(1), clock_.WallNow(), {});
  }

  JobRunner Runner() {
    return {scanner_, source_, *store_, clock_, logger_, observer_, options_, &signatures_};
  }
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
  FakeRequirements requirements_;
  SignatureChecker signatures_{source_, *store_, requirements_, clock_, logger_, observer_};
  ServiceOptions options_;
};

}  // namespace xzgate::worker
