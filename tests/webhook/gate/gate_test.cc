#include <thread>

#include "tests/webhook/gate/gate_fixture.h"

namespace xzgate::gate {
namespace {

class GateTest : public GateFixture {};

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

// The log never calls a warning what nobody was warned of.
TEST_F(GateTest, LogsWhatWasDone) {
  const struct {
    const char* spec;
    const char* event;
  } kCases[] = {{"{mode: audit}", "request would be denied"},
                {"{mode: warn}", "request would be denied"},
                {"{outcomes: {affected: warn}}", "request warned"},
                {"{mode: enforce}", "request denied"}};
  GivenReport(rules::Verdict::kAffected);
  for (const auto& [spec, event] : kCases) {
    const std::size_t before = logger_.Find(event).size();
    GivenPolicy(spec);
    Decide(Pod({"reg.example/api@" + digest_.ToString()}));
    EXPECT_EQ(logger_.Find(event).size(), before + 1) << spec;
  }
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

TEST_F(GateTest, RecordsEachWorkloadOnceAnImageAndAllOfThem) {
  GivenReport(rules::Verdict::kClean);
  const std::string image = "reg.example/api@" + digest_.ToString();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Decide(Pod({image, image})).allowed);
  const std::string other = "reg.example/other@" + digest_.ToString();
  EXPECT_TRUE(Decide(Pod({image, other})).allowed);
  gate_.reset();
  const auto sightings = store_->RecentSightings(10);
  ASSERT_THAT(sightings, IsOk());
  EXPECT_EQ(sightings->size(), 2U);
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
    ASSERT_THAT(store_->Postpone((*job)->id, "w",
                                 {.not_before = clock_.WallNow() + std::chrono::minutes(1),
                                  .costs_attempt = false,
                                  .why = "503 from the registry"}),
                IsOk());
  });
  const admission::Response response = Decide(Pod({image.ToString()}), std::chrono::seconds(30));
  scanner.join();
  EXPECT_THAT(response.message, HasSubstr("XZ011"));
  EXPECT_THAT(response.message, HasSubstr("503 from the registry"));
}

// An image on which the scanner crashed is not called unreachable: a policy that lets unreachable
// registries pass does not let it in.
TEST_F(GateTest, AnImageThatWasGivenUpKeepsItsCause) {
  GivenPolicy("{outcomes: {unknown: {unreachable: allow}}}");
  const oci::PinnedReference image(oci::Reference::Parse("reg.example/api:1")->repository(),
                                   digest_);
  ASSERT_THAT(store_->Enqueue(image, store::Priority::kWatched, clock_.WallNow()), IsOk());
  const auto job = store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
  ASSERT_TRUE(job && *job);
  ASSERT_THAT(
      store_->Bury((*job)->id, "w", {.why = "crashed 3 times", .cause = rules::Cause::kUnreadable},
                   clock_.WallNow()),
      IsOk());
  const admission::Response response = Decide(Pod({image.ToString()}), std::chrono::hours(1));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("[XZ012 unreadable]"));
  EXPECT_THAT(response.message, HasSubstr("crashed 3 times"));
}

// The job of one registry's host says nothing of the same digest at another.
TEST_F(GateTest, AsksForTheJobOfItsOwnHost) {
  const oci::PinnedReference other(oci::Reference::Parse("other.example/api:1")->repository(),
                                   digest_);
  ASSERT_THAT(store_->Enqueue(other, store::Priority::kWatched, clock_.WallNow()), IsOk());
  const auto job = store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
  ASSERT_TRUE(job && *job);
  ASSERT_THAT(store_->Bury((*job)->id, "w", {.why = "404", .cause = rules::Cause::kUnreachable},
                           clock_.WallNow()),
              IsOk());
  const admission::Response response =
      Decide(Pod({"reg.example/api@" + digest_.ToString()}), std::chrono::milliseconds(20));
  EXPECT_THAT(response.message, HasSubstr("XZ010"));
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

// Of another kind ParseReview reads no image uses (tests/webhook/admission/kinds_test.cc).
TEST_F(GateTest, OtherOperationsAndSubresourcesPass) {
  admission::Request request = Pod({"reg.example/api@" + digest_.ToString()});
  request.subresource = "status";
  EXPECT_TRUE(Decide(request).allowed);
  request.subresource.clear();
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
  source_.OnResolve([&started](const auto&, const auto&) -> std::optional<Error> {
    while (started < 8) std::this_thread::yield();
    return std::nullopt;
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
