#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "scanner/store/sqlite_store.h"
#include "tests/support/fake_image_source.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "webhook/gate/gate.h"

namespace xzgate::gate {

using ::testing::HasSubstr;
using ::xzgate::testing::FakeImageSource;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;

class CountingObserver final : public Observer {
 public:
  void OnDecision(const admission::Request&, const policy::Decision&, CacheState cache,
                  std::chrono::nanoseconds) override {
    last_cache = cache;
  }
  std::atomic<CacheState> last_cache = CacheState::kHit;
};

class CountingPermit final : public WaitPermit {
 public:
  explicit CountingPermit(bool grant = true) : grant_(grant) {}
  bool Begin() override {
    if (grant_) ++begun;
    return grant_;
  }
  void End() override { ++ended; }
  std::atomic<int> begun = 0;
  int ended = 0;

 private:
  const bool grant_;
};

// A gate over a registry and a store in memory. Waits use the real clock with short deadlines: what
// is asserted is the answer and its order, never how long it took.
class GateFixture : public ::testing::Test {
 protected:
  GateFixture() : store_(*store::SqliteStore::OpenInMemory(logger_)), digest_(DigestOf('a')) {
    MakeGate();
  }

  void MakeGate() {
    gate_ = std::make_unique<Gate>(source_, *store_, rules::RulePack::BuiltIn(), clock_, logger_,
                                   observer_, GateOptions{});
  }
  static oci::Digest DigestOf(char digit) {
    return *oci::Digest::Parse("sha256:" + std::string(64, digit));
  }
  void GivenTag(const std::string& reference) { source_.Tag(reference, digest_); }
  void GivenReport(rules::Verdict verdict) { GivenReport(digest_, verdict); }
  void GivenReport(const oci::Digest& digest, rules::Verdict verdict) {
    rules::Report report = rules::UnknownReport(digest.ToString(), rules::Cause::kNone, "",
                                                rules::RulePack::BuiltIn().Key());
    report.verdict = verdict;
    ASSERT_THAT(store_->PutReport(report, clock_.WallNow()), IsOk());
  }
  void GivenPolicy(const std::string& spec) {
    auto set = policy::PolicySet::Parse(
        {{"p", "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\nspec: " + spec +
                   "\n"}});
    ASSERT_THAT(set, IsOk());
    gate_->SetPolicies(std::make_shared<const policy::PolicySet>(std::move(*set)));
  }
  static admission::Request Pod(const std::vector<std::string>& images) {
    admission::Request request;
    request.uid = "u";
    request.resource = "pods";
    request.namespace_name = "shop";
    request.name = "api";
    for (const auto& image : images) {
      request.uses.push_back({.kind = admission::UseKind::kContainer,
                              .name = "c",
                              .field = "f",
                              .reference = image,
                              .pull_policy = "",
                              .unchanged = false});
    }
    return request;
  }
  admission::Response Decide(const admission::Request& request,
                             std::chrono::milliseconds timeout = std::chrono::milliseconds(200)) {
    return gate_->Decide(request, clock_.Now(), timeout, permit_);
  }
  std::uint64_t QueuedJobs() { return store_->Stats(clock_.WallNow())->ready; }

  FakeLogger logger_;
  SystemClock clock_;
  FakeImageSource source_;
  std::unique_ptr<store::SqliteStore> store_;
  const oci::Digest digest_;
  CountingObserver observer_;
  CountingPermit permit_;
  std::unique_ptr<Gate> gate_;
};

}  // namespace xzgate::gate
