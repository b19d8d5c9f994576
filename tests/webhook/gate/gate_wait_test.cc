// How the gate waits for the images of one pod: for several registries and the scanner at once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "tests/support/fake_clock.h"
#include "tests/webhook/gate/gate_fixture.h"

namespace xzgate::gate {
namespace {

constexpr std::chrono::hours kNoHurry{1};

class GateWaitTest : public GateFixture {
 protected:
  GateWaitTest() {
    source_.OnResolve(
        [this](const oci::Reference& reference, const registry::Access&) -> std::optional<Error> {
          if (!reference.repository().host.starts_with("slow")) return std::nullopt;
          ++stuck_;
          while (!released_) std::this_thread::yield();
          return Error(ErrorCode::kUnavailable, "503");
        });
  }
  ~GateWaitTest() override { Release(); }

  // Registries "slow….example" answer only now.
  void Release() { released_ = true; }
  // A tag at a registry that answers, of an image with this verdict.
  std::string GivenImage(const std::string& name, char digit, rules::Verdict verdict) {
    const std::string reference = "reg.example/" + name + ":1";
    source_.Tag(reference, DigestOf(digit));
    GivenReport(DigestOf(digit), verdict);
    return reference;
  }
  std::string Pinned(char digit) { return "reg.example/api@" + DigestOf(digit).ToString(); }

  std::atomic<int> stuck_ = 0;  // calls that a slow registry has not answered
  std::atomic<bool> released_ = false;
};

// What is known to be bad is said soon, whatever the others' registries do.
TEST_F(GateWaitTest, AKnownBadImageWaitsForNoSlowRegistry) {
  GivenReport(rules::Verdict::kAffected);
  const admission::Response response =
      Decide(Pod({"slow.example/a:1", "slow2.example/b:1", Pinned('a')}), kNoHurry);
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
  EXPECT_THAT(response.message, HasSubstr("slow2.example/b:1"));
  EXPECT_THAT(response.message, HasSubstr("its tag is not resolved yet"));
  EXPECT_EQ(permit_.begun, permit_.ended);
}

// A moment is left for the others: whoever mends the pod sees all that is bad in it.
TEST_F(GateWaitTest, AnotherBadImageIsNamedBesideTheKnownOne) {
  GivenReport(rules::Verdict::kAffected);
  const std::string bad = GivenImage("bad", 'b', rules::Verdict::kAffected);
  const admission::Response response = Decide(Pod({Pinned('a'), bad}), kNoHurry);
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("image \"" + bad + "\" (container"));
  EXPECT_THAT(response.message, Not(HasSubstr("not resolved")));
}

TEST_F(GateWaitTest, ABadTagIsNamedThoughAnotherRegistryIsSlow) {
  const std::string bad = GivenImage("bad", 'b', rules::Verdict::kAffected);
  const admission::Response response = Decide(Pod({"slow.example/a:1", bad}), kNoHurry);
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
  EXPECT_THAT(response.message, HasSubstr("its tag is not resolved yet"));
  EXPECT_EQ(permit_.begun, permit_.ended);
}

TEST_F(GateWaitTest, AScanThatFindsABadImageEndsTheWaitForARegistry) {
  std::thread scanner([this] {
    while (QueuedJobs() == 0) std::this_thread::yield();
    GivenReport(rules::Verdict::kAffected);
  });
  const admission::Response response = Decide(Pod({"slow.example/a:1", Pinned('a')}), kNoHurry);
  scanner.join();
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
}

TEST_F(GateWaitTest, AScanThatFindsABadImageEndsTheWaitForTheOthers) {
  std::thread scanner([this] {
    while (QueuedJobs() < 2) std::this_thread::yield();
    GivenReport(DigestOf('b'), rules::Verdict::kAffected);
  });
  const admission::Response response = Decide(Pod({Pinned('a'), Pinned('b')}), kNoHurry);
  scanner.join();
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
  EXPECT_THAT(response.message, HasSubstr("XZ010"));
}

// The queue's word counts for a tag as well, at once when the digest is known.
TEST_F(GateWaitTest, AnImageThatWasGivenUpEndsTheWaitForIt) {
  GivenTag("reg.example/api:1");
  const oci::PinnedReference image(oci::Reference::Parse("reg.example/api:1")->repository(),
                                   digest_);
  ASSERT_THAT(store_->Enqueue(image, store::Priority::kWatched, clock_.WallNow()), IsOk());
  const auto job = store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
  ASSERT_TRUE(job && *job);
  ASSERT_THAT(store_->Bury((*job)->id, "w", {.why = "404", .cause = rules::Cause::kUnreachable},
                           clock_.WallNow()),
              IsOk());
  EXPECT_THAT(Decide(Pod({"reg.example/api:1"}), kNoHurry).message, HasSubstr("XZ011"));
}

// Nobody knows yet whether an unknown one will be refused, nor what the others are.
TEST_F(GateWaitTest, AnUnknownImageDoesNotEndTheWait) {
  const std::string bad = GivenImage("bad", 'b', rules::Verdict::kAffected);
  GivenReport(rules::Verdict::kUnknown);
  const admission::Response response = Decide(Pod({Pinned('a'), bad}), kNoHurry);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
}

// Only a denial that stands ends the wait: in audit mode the others are still to be judged.
TEST_F(GateWaitTest, ABadImageThatIsAllowedDoesNotEndTheWait) {
  GivenPolicy("{outcomes: {affected: warn}}");
  GivenReport(rules::Verdict::kAffected);
  const std::string other = GivenImage("other", 'b', rules::Verdict::kSuspicious);
  const admission::Response response = Decide(Pod({Pinned('a'), other}), kNoHurry);
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ002"));
}

TEST_F(GateWaitTest, RegistriesAreAskedSideBySide) {
  std::atomic<int> asked = 0;
  source_.OnResolve([&asked](const auto&, const auto&) -> std::optional<Error> {
    ++asked;
    while (asked < 4) std::this_thread::yield();
    return std::nullopt;
  });
  std::vector<std::string> images;
  for (const char digit : {'1', '2', '3', '4'})
    images.push_back(GivenImage(std::string("i") + digit, digit, rules::Verdict::kClean));
  EXPECT_TRUE(Decide(Pod(images), kNoHurry).allowed);
}

TEST_F(GateWaitTest, OneRequestMakesNoMoreThanFourCallsAtOnce) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  source_.OnResolve([&](const auto&, const auto&) -> std::optional<Error> {
    const int now = ++running;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    while (most < 4) std::this_thread::yield();
    // A fifth, if there could be one, would come now.
    for (int i = 0; i < 1000 && most < 5; ++i) std::this_thread::yield();
    --running;
    return std::nullopt;
  });
  std::vector<std::string> images;
  for (const char digit : std::string("0123456789"))
    images.push_back(GivenImage(std::string("i") + digit, digit, rules::Verdict::kClean));
  EXPECT_TRUE(Decide(Pod(images), kNoHurry).allowed);
  EXPECT_EQ(most, 4);
  EXPECT_EQ(source_.resolves(), 10);
}

// However it is written, one reference is one call and one answer.
TEST_F(GateWaitTest, OneReferenceIsResolvedOnce) {
  source_.Tag("docker.io/library/debian:latest", digest_);
  GivenReport(rules::Verdict::kClean);
  EXPECT_TRUE(Decide(Pod({"debian", "docker.io/library/debian:latest", "debian:latest"}), kNoHurry)
                  .allowed);
  EXPECT_EQ(source_.resolves(), 1);
}

TEST_F(GateWaitTest, TwoRequestsShareTheCallsOfTheirTags) {
  std::atomic<int> permits = 0;
  const std::string a = GivenImage("a", '1', rules::Verdict::kClean);
  const std::string b = GivenImage("b", '2', rules::Verdict::kClean);
  source_.OnResolve([&permits](const auto&, const auto&) -> std::optional<Error> {
    while (permits < 2) std::this_thread::yield();
    return std::nullopt;
  });
  std::vector<std::thread> askers;
  for (int i = 0; i < 2; ++i) {
    askers.emplace_back([&] {
      CountingPermit permit;
      ++permits;
      EXPECT_TRUE(gate_->Decide(Pod({a, b}), clock_.Now(), kNoHurry, permit).allowed);
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(source_.resolves(), 2);
}

TEST_F(GateWaitTest, WithoutThePermitNoRegistryIsAsked) {
  CountingPermit none(false);
  const admission::Response response =
      gate_->Decide(Pod({"slow.example/a:1", "slow2.example/b:1"}), clock_.Now(), kNoHurry, none);
  EXPECT_THAT(response.message, HasSubstr("SY005"));
  EXPECT_EQ(stuck_, 0);
}

TEST_F(GateWaitTest, ATagThatIsNotResolvedInTimeSaysSo) {
  const admission::Response response =
      Decide(Pod({"slow.example/a:1", Pinned('a')}), std::chrono::milliseconds(40));
  EXPECT_THAT(response.message, HasSubstr("[RG001 unreachable]"));
  EXPECT_THAT(response.message, HasSubstr("was not resolved in time"));
  EXPECT_THAT(response.message, HasSubstr("XZ010"));
  EXPECT_EQ(QueuedJobs(), 1U);
}

// Pods that name hundreds of registries that never answer hold up nobody else.
TEST_F(GateWaitTest, HostilePodsDoNotStopOthers) {
  constexpr int kHostile = 40;
  std::vector<std::thread> hostile;
  for (int i = 0; i < kHostile; ++i) {
    hostile.emplace_back([this, i] {
      std::vector<std::string> images;
      for (int k = 0; k < 12; ++k)
        images.push_back("slow" + std::to_string(i * 100 + k) + ".example/a:1");
      CountingPermit permit;
      EXPECT_FALSE(gate_->Decide(Pod(images), clock_.Now(), kNoHurry, permit).allowed);
    });
  }
  // Each has its own thread or a caller in a call that does not end.
  while (stuck_ < kHostile) std::this_thread::yield();
  const std::string good = GivenImage("good", 'a', rules::Verdict::kClean);
  const std::string bad = GivenImage("bad", 'b', rules::Verdict::kAffected);
  const admission::Response response = Decide(Pod({good, bad}), kNoHurry);
  Release();
  for (auto& thread : hostile) thread.join();
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
}

// Deadlines as the registry calls get them, by a clock that stands still.
class GateShareTest : public GateWaitTest {
 protected:
  GateShareTest() {
    // The machine's clock, by which threads wait, never comes so far.
    still_.Advance(std::chrono::hours(24 * 365 * 10));
    gate_ = std::make_unique<Gate>(source_, *store_, rules::RulePack::BuiltIn(), still_, logger_,
                                   observer_, GateOptions{.deadline_share = 1.0});
    source_.OnResolve([this](const oci::Reference& reference,
                             const registry::Access& access) -> std::optional<Error> {
      const std::lock_guard lock(mutex_);
      time_[reference.repository().host] = access.deadline.Remaining(still_.Now());
      return Error(ErrorCode::kDeadlineExceeded, "out of time");
    });
  }
  void Decide(int tags, std::chrono::milliseconds timeout) {
    std::vector<std::string> images;
    for (int i = 0; i < tags; ++i) images.push_back("r" + std::to_string(i) + ".example/a:1");
    EXPECT_FALSE(gate_->Decide(Pod(images), still_.Now(), timeout, permit_).allowed);
  }

  testing::FakeClock still_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::milliseconds> time_;  // by registry
};

TEST_F(GateShareTest, OneTagHasAllTheTime) {
  Decide(1, std::chrono::seconds(9));
  EXPECT_EQ(time_.at("r0.example"), std::chrono::seconds(9));
}

TEST_F(GateShareTest, FourTagsHaveAllTheTimeEach) {
  Decide(4, std::chrono::seconds(9));
  ASSERT_EQ(time_.size(), 4U);
  for (const auto& [host, time] : time_) EXPECT_EQ(time, std::chrono::seconds(9)) << host;
}

TEST_F(GateShareTest, OfManyTagsEachHasAShare) {
  Decide(9, std::chrono::seconds(9));
  ASSERT_EQ(time_.size(), 9U);
  EXPECT_EQ(time_.at("r0.example"), std::chrono::seconds(4));
  EXPECT_EQ(time_.at("r8.example"), std::chrono::seconds(9));
}

TEST_F(GateShareTest, AShareIsLongEnoughForACall) {
  Decide(512, std::chrono::seconds(9));
  EXPECT_EQ(time_.at("r0.example"), std::chrono::milliseconds(250));
}

}  // namespace
}  // namespace xzgate::gate
