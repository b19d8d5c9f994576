#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "scanner/store/sqlite_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace xzgate::store {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TempFolder;

inline oci::Digest DigestOf(const std::string& text) {
  return oci::Digest::Of(AsBytes(text));
}

inline oci::PinnedReference Image(const std::string& name) {
  return oci::PinnedReference(oci::Reference::Parse("reg.example/" + name)->repository(),
                              DigestOf(name));
}

// The same digest, somewhere else.
inline oci::PinnedReference ImageAt(const std::string& repository, const std::string& name) {
  return oci::PinnedReference(oci::Reference::Parse(repository)->repository(), DigestOf(name));
}

inline rules::Report ReportOf(const std::string& name, rules::Verdict verdict,
                              const std::string& rules = "R@1") {
  rules::Report report =
      rules::UnknownReport(DigestOf(name).ToString(), rules::Cause::kUnreadable, "detail", rules);
  report.verdict = verdict;
  return report;
}

// A store in a file of its own, and a clock that stands still.
class StoreCase : public ::testing::Test {
 protected:
  StoreCase() { Open(); }
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
  Result<std::optional<JobState>> Found(const std::string& name) {
    return store_->FindJob(Image(name));
  }
  // Gives a job back after a failure; it rests for `rest`.
  void Fail(const Job& job, std::chrono::milliseconds rest, const std::string& worker = "w") {
    ASSERT_THAT(store_->Postpone(job.id, worker,
                                 {.not_before = Now() + rest, .costs_attempt = true, .why = "503"}),
                IsOk());
  }
  std::optional<Job> Leased(const std::string& worker = "w") {
    auto job = store_->Lease(worker, std::chrono::minutes(1), Now(), {});
    EXPECT_THAT(job, IsOk());
    return job ? *job : std::nullopt;
  }

  void GivenSighting(const std::string& name, const std::string& workload = "pods/x/1") {
    ASSERT_THAT(store_->RecordSighting(SightingOf(Image(name), workload)), IsOk());
  }
  Sighting SightingOf(const oci::PinnedReference& image, const std::string& workload) const {
    return {.image = image.ToString(),
            .reference = "r",
            .workload = workload,
            .namespace_name = "x",
            .when = Now()};
  }

  TempFolder folder_;
  FakeLogger logger_;
  FakeClock clock_;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace xzgate::store
