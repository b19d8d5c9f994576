#include "webhook/gate/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "scanner/store/sqlite_store.h"
#include "tests/support/fake_image_source.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"

namespace xzgate::gate {
namespace {

using ::testing::HasSubstr;
using ::xzgate::testing::FakeImageSource;
using ::xzgate::testing::FakeLogger;
using ::xzgate::testing::IsOk;

class CountingObserver final : public Observer {
 public:
  void OnDecision(const admission::Request&, const policy::Decision& decision, CacheState cache,
                  std::chrono::nanoseconds) override {
    last_cache = cache;
    last_reason = decision.reason_code;
  }
  std::atomic<CacheState> last_cache = CacheState::kHit;
  std::string last_reason;
};

class CountingPermit final : public WaitPermit {
 public:
  explicit CountingPermit(bool grant = true) : grant_(grant) {}
  bool Begin() override {
    if (grant_) ++begun;
    return grant_;
  }
  void End() override { ++ended; }
  int begun = 0;
  int ended = 0;

 private:
  const bool grant_;
};

// A gate over a registry and a store in memory. Waits use the real clock with short deadlines: what
// is asserted is the answer and its order, never how long it took.
class GateTest : public ::testing::Test {
 protected:
  GateTest()
      : store_(*store::SqliteStore::OpenInMemory(logger_)),
        digest_(*oci::Digest::Parse("sha256:" + std::string(64, 'a'))) {
    MakeGate();
  }

  void MakeGate() {
    gate_ = std::make_unique<Gate>(source_, *store_, rules::RulePack::BuiltIn(), clock_, logger_,
                                   observer_, GateOptions{});
  }
  void GivenTag(const std::string& reference) { source_.Tag(reference, digest_); }
  void GivenReport(rules::Verdict verdict) {
    rules::Report report = rules::UnknownReport(digest_.ToString(), rules::Cause::kNone, "",
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

TEST_F(GateTest, AnswersFromTheStoreThenFromMemory) {
  GivenTag("reg.example/api:1");
  GivenReport(rules::Verdict::kClean);
  const std::string pinned = "reg.example/api@" + digest_.ToString();
  EXPECT_TRUE(Decide(Pod({pinned})).allowed);
  EXPECT_EQ(observer_.last_cache, CacheState::kStore);
  EXPECT_TRUE(Decide(Pod({pinned})).allowed);
  EXPECT_EQ(observer_.last_cache, CacheState::kHit);
  EXPECT_EQ(source_.resolves(), 0);
}

TEST_F(GateTest, AsksTheRegistryOnceInATagsLife) {
  GivenTag("reg.example/api:1");
  GivenReport(rules::Verdict::kAffected);
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(Decide(Pod({"reg.example/api:1", "reg.example/api:1"})).allowed);
  EXPECT_EQ(source_.resolves(), 1);
}

TEST_F(GateTest, WaitsForTheScannerInEnforce) {
  GivenTag("reg.example/api:1");
  std::thread scanner([this] {
    while (QueuedJobs() == 0) std::this_thread::yield();
    GivenReport(rules::Verdict::kAffected);
  });
  const admission::Response response = Decide(Pod({"reg.example/api:1"}), std::chrono::seconds(30));
  scanner.join();
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
  EXPECT_EQ(observer_.last_cache, CacheState::kWaited);
  EXPECT_EQ(permit_.begun, permit_.ended);
  EXPECT_GT(permit_.begun, 0);
}

TEST_F(GateTest, DeniesAsPendingAtTheDeadline) {
  GivenTag("reg.example/api:1");
  const admission::Response response =
      Decide(Pod({"reg.example/api:1"}), std::chrono::milliseconds(20));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ010"));
  EXPECT_THAT(response.message, HasSubstr("retry"));
  EXPECT_EQ(QueuedJobs(), 1U);
}

// Every image of a pod is queued before the first is waited for: the scanner works on all of them
// meanwhile.
TEST_F(GateTest, QueuesAllImagesBeforeItWaits) {
  const std::string other = "reg.example/b@sha256:" + std::string(64, 'b');
  const admission::Response response =
      Decide(Pod({"reg.example/a@" + digest_.ToString(), other}), std::chrono::milliseconds(20));
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(QueuedJobs(), 2U);
}

TEST_F(GateTest, NeverWaitsInWarnAndAudit) {
  for (const std::string mode : {"warn", "audit"}) {
    GivenPolicy("{mode: " + mode + "}");
    EXPECT_TRUE(
        Decide(Pod({"reg.example/api@" + digest_.ToString()}), std::chrono::hours(1)).allowed)
        << mode;
  }
  EXPECT_EQ(permit_.begun, 0);
  EXPECT_EQ(QueuedJobs(), 1U);
}

TEST_F(GateTest, DryRunLeavesNoTrace) {
  GivenTag("reg.example/api:1");
  admission::Request request = Pod({"reg.example/api:1"});
  request.dry_run = true;
  EXPECT_FALSE(Decide(request).allowed);
  gate_.reset();  // ends the work after answers
  EXPECT_EQ(QueuedJobs(), 0U);
  EXPECT_FALSE(*store_->FindTag(*oci::Reference::Parse("reg.example/api:1"), clock_.WallNow()));
  EXPECT_TRUE(store_->RecentSightings(10)->empty());
}

TEST_F(GateTest, RecordsWhoAskedForWhat) {
  GivenReport(rules::Verdict::kClean);
  EXPECT_TRUE(Decide(Pod({"reg.example/api@" + digest_.ToString()})).allowed);
  gate_.reset();
  const auto sightings = store_->RecentSightings(10);
  ASSERT_THAT(sightings, IsOk());
  ASSERT_EQ(sightings->size(), 1U);
  EXPECT_EQ(sightings->front().workload, "pods/shop/api");
}

TEST_F(GateTest, AnUnreachableRegistryIsItsOwnReason) {
  source_.FailWith(Error(ErrorCode::kUnauthenticated, "registry says 401"));
  const admission::Response response = Decide(Pod({"reg.example/api:1"}));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("RG002"));
  EXPECT_THAT(response.message, HasSubstr("registry says 401"));
}

// A policy that lets unreachable registries pass does not let wrong bytes pass.
TEST_F(GateTest, WrongBytesFromTheRegistryAreUnreadable) {
  GivenPolicy("{outcomes: {unknown: {unreachable: allow}}}");
  source_.FailWith(Error(ErrorCode::kIntegrity, "digest differs"));
  const admission::Response response = Decide(Pod({"reg.example/api:1"}));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("[RG008 unreadable]"));
}

TEST_F(GateTest, WhatTheQueueSaysOfAFailedScanIsPassedOn) {
  const oci::PinnedReference image(oci::Reference::Parse("reg.example/api:1")->repository(),
                                   digest_);
  std::thread scanner([&] {
    while (QueuedJobs() == 0) std::this_thread::yield();
    const auto job = store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
    ASSERT_TRUE(job && *job);
    ASSERT_THAT(
        store_->Postpone((*job)->id, {.not_before = clock_.WallNow() + std::chrono::minutes(1),
                                      .costs_attempt = false,
                                      .why = "503 from the registry"}),
        IsOk());
  });
  const admission::Response response = Decide(Pod({image.ToString()}), std::chrono::seconds(30));
  scanner.join();
  EXPECT_THAT(response.message, HasSubstr("XZ011"));
  EXPECT_THAT(response.message, HasSubstr("503 from the registry"));
}

TEST_F(GateTest, TooManyWaitersAreAnsweredAtOnce) {
  CountingPermit none(false);
  const admission::Response response = gate_->Decide(Pod({"reg.example/api@" + digest_.ToString()}),
                                                     clock_.Now(), std::chrono::hours(1), none);
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("SY005"));
}

TEST_F(GateTest, InvalidReferencesNeverReachTheRegistry) {
  EXPECT_THAT(Decide(Pod({"UPPER CASE"})).message, HasSubstr("PL002"));
  EXPECT_EQ(source_.resolves(), 0);
}

TEST_F(GateTest, OtherResourcesPass) {
  admission::Request request = Pod({"reg.example/api@" + digest_.ToString()});
  request.resource = "services";
  EXPECT_TRUE(Decide(request).allowed);
  request.resource = "pods";
  request.operation = admission::Operation::kDelete;
  EXPECT_TRUE(Decide(request).allowed);
}

TEST_F(GateTest, ShedFollowsThePolicysMode) {
  EXPECT_FALSE(gate_->Shed(Pod({"reg.example/api:1"}), clock_.Now(), "SY005", "busy").allowed);
  GivenPolicy("{mode: audit}");
  EXPECT_TRUE(gate_->Shed(Pod({"reg.example/api:1"}), clock_.Now(), "SY005", "busy").allowed);
}

// Many requests for one tag at the same moment cost one call to the registry.
TEST_F(GateTest, ManyAskersOfOneTagShareOneCall) {
  GivenTag("reg.example/api:1");
  GivenReport(rules::Verdict::kClean);
  std::atomic<int> started = 0;
  source_.OnResolve([&started] {
    while (started < 8) std::this_thread::yield();
  });
  std::vector<std::thread> askers;
  std::atomic<int> allowed = 0;
  for (int i = 0; i < 8; ++i) {
    askers.emplace_back([&] {
      CountingPermit permit;
      ++started;
      if (gate_->Decide(Pod({"reg.example/api:1"}), clock_.Now(), std::chrono::seconds(30), permit)
              .allowed)
        ++allowed;
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(allowed, 8);
  EXPECT_EQ(source_.resolves(), 1);
}

}  // namespace
}  // namespace xzgate::gate
