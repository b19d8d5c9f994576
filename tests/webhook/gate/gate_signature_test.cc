// What the gate makes of signatures: reports come from the store, and what is missing from the
// scanner.

#include <functional>
#include <thread>

#include "tests/support/fake_clock.h"
#include "tests/support/signature_reports.h"
#include "tests/support/signing/test_key.h"
#include "tests/webhook/gate/gate_fixture.h"
#include "webhook/gate/signature_cache.h"

namespace xzgate::gate {
namespace {

using signature::Outcome;
using std::chrono::milliseconds;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::SignatureReport;
using ::xzgate::testing::TestKey;

// A clean image, and a policy that asks for a signature.
class GateSignatureTest : public GateFixture {
 protected:
  GateSignatureTest() {
    GivenReport(rules::Verdict::kClean);
    Require();
  }

  // In force from now on; `more` are further lines of the spec.
  void Require(const std::string& more = "", std::size_t key = 0) {
    const auto read = [key](const std::string&, std::size_t) -> Result<std::string> {
      return TestKey::Shared(KeyType::kP256, key).PublicPem();
    };
    auto set = policy::PolicySet::Parse(
        {{"p.yaml",
          "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\nspec:\n"
          "  authorities: [{name: release-key, key: {file: k.pub}}]\n" +
              (more.find("require:") == more.npos
                   ? "  signatures: {require: [{all: [release-key]}]}\n"
                   : std::string()) +
              more}},
        read);
    ASSERT_THAT(set, IsOk());
    policies_ = std::make_shared<const policy::PolicySet>(std::move(*set));
    gate_->SetPolicies(policies_);
  }
  std::string Fingerprint() const {
    return policies_->RequirementsFor(image_.repository(), "shop").at(0).fingerprint;
  }
  void GivenSignatures(Outcome outcome, milliseconds age = {}) {
    ASSERT_THAT(
        store_->PutSignatures(image_, Fingerprint(),
                              SignatureReport(outcome, clock_.WallNow() - age), clock_.WallNow()),
        IsOk());
  }
  admission::Response Ask(milliseconds timeout = milliseconds(200)) {
    return Decide(Pod({image_.ToString()}), timeout);
  }
  admission::Response AskDry() {
    admission::Request request = Pod({image_.ToString()});
    request.dry_run = true;
    return Decide(request);
  }
  // Asks, and `scan` is what the scanner does once a job is there.
  admission::Response AskWhile(const std::function<void()>& scan) {
    std::thread scanner([&] {
      while (QueuedJobs() == 0) std::this_thread::yield();
      scan();
    });
    const auto response = Ask(std::chrono::seconds(30));
    scanner.join();
    return response;
  }
  // What the scanner does with the one job.
  store::Job Leased() {
    auto job = store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
    EXPECT_TRUE(job && *job);
    return **job;
  }
  void FailJob(const std::string& why, signature::Reason reason) {
    ASSERT_THAT(store_->Postpone(Leased().id, "w",
                                 {.not_before = clock_.WallNow() + std::chrono::minutes(1),
                                  .why = why,
                                  .cause = rules::Cause::kUnreachable,
                                  .signature = reason}),
                IsOk());
  }

  const oci::PinnedReference image_{oci::Repository{.host = "reg.example", .path = "api"}, digest_};
  std::shared_ptr<const policy::PolicySet> policies_;
};

TEST_F(GateSignatureTest, AllowsWhatIsVerifiedFromTheStoreThenFromMemory) {
  GivenSignatures(Outcome::kVerified);
  EXPECT_TRUE(Ask().allowed);
  EXPECT_EQ(observer_.last_cache, CacheState::kStore);
  EXPECT_TRUE(Ask().allowed);
  EXPECT_EQ(observer_.last_cache, CacheState::kHit);
  EXPECT_EQ(QueuedJobs(), 0U);
  EXPECT_EQ(source_.resolves(), 0);
}

// The network is cut: nobody is asked.
TEST_F(GateSignatureTest, AnswersWithoutTheRegistry) {
  GivenSignatures(Outcome::kVerified);
  source_.FailWith(Error(ErrorCode::kUnavailable, "cut"));
  EXPECT_TRUE(Ask().allowed);
  MakeGate();  // a restart
  gate_->SetPolicies(policies_);
  EXPECT_TRUE(Ask().allowed);
}

TEST_F(GateSignatureTest, DeniesAtOnceWhatIsStoredAsDenied) {
  GivenSignatures(Outcome::kUnsigned);
  const auto response = Ask(std::chrono::seconds(30));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("SG001"));
  EXPECT_EQ(permit_.begun, 0);
  EXPECT_EQ(QueuedJobs(), 0U);
}

TEST_F(GateSignatureTest, RefreshesAStaleDenialWithoutWaiting) {
  GivenSignatures(Outcome::kUnsigned, store::kDenialRefresh);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Ask(std::chrono::seconds(30)).allowed);
  EXPECT_EQ(permit_.begun, 0);
  EXPECT_EQ(QueuedJobs(), 1U);
  EXPECT_EQ(Leased().priority, store::Priority::kWatched);
  GivenSignatures(Outcome::kVerified);
  EXPECT_TRUE(Ask().allowed);
}

TEST_F(GateSignatureTest, WaitsForWhatIsMissing) {
  const auto response = AskWhile([this] { GivenSignatures(Outcome::kVerified); });
  EXPECT_TRUE(response.allowed);
  EXPECT_EQ(observer_.last_cache, CacheState::kWaited);
  EXPECT_EQ(permit_.begun, permit_.ended);
}

TEST_F(GateSignatureTest, WaitsForWhatEnded) {
  GivenSignatures(Outcome::kUnsigned, signature::Report::kDenialLife);
  EXPECT_TRUE(AskWhile([this] { GivenSignatures(Outcome::kVerified); }).allowed);
}

TEST_F(GateSignatureTest, AnotherPolicyIsAMiss) {
  GivenSignatures(Outcome::kVerified);
  EXPECT_TRUE(Ask().allowed);
  Require("", 1);
  const auto response = Ask(milliseconds(20));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("SG018"));
  EXPECT_EQ(QueuedJobs(), 1U);
}

TEST_F(GateSignatureTest, DeniesAsPendingAtTheDeadline) {
  const auto response = Ask(milliseconds(20));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("SG018"));
  EXPECT_GT(permit_.begun, 0);
  EXPECT_EQ(QueuedJobs(), 1U);
}

TEST_F(GateSignatureTest, TellsWhyNothingWasDecided) {
  const auto response =
      AskWhile([this] { FailJob("status 503 from reg.example", signature::Reason::kRegistry); });
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("SG014"));
  EXPECT_THAT(response.message, HasSubstr("503"));
}

TEST_F(GateSignatureTest, TellsThatTheTrustRootEnded) {
  const auto response =
      AskWhile([this] { FailJob("trust root has expired", signature::Reason::kTrustRoot); });
  EXPECT_THAT(response.message, HasSubstr("SG010"));
}

TEST_F(GateSignatureTest, UndecidedMayBeAllowedByThePolicy) {
  Require("  outcomes: {signatures: {undecided: warn}}\n");
  EXPECT_TRUE(AskWhile([this] { FailJob("503", signature::Reason::kRegistry); }).allowed);
}

// Nobody who vouches for it makes it better: the answer waits for no signature.
TEST_F(GateSignatureTest, DeniesByContentWithoutWaiting) {
  GivenReport(rules::Verdict::kAffected);
  const auto response = Ask(std::chrono::seconds(300));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
  EXPECT_EQ(permit_.begun, 0);
}

TEST_F(GateSignatureTest, DeniesByContentThatComesFirst) {
  const oci::Digest other = DigestOf('b');
  const std::string image = "reg.example/api@" + other.ToString();
  std::thread scanner([&] {
    while (QueuedJobs() == 0) std::this_thread::yield();
    GivenReport(other, rules::Verdict::kAffected);
  });
  const auto response = Decide(Pod({image}), std::chrono::seconds(300));
  scanner.join();
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
}

TEST_F(GateSignatureTest, DeniesByAStoredDenialWithoutWaitingForTheScan) {
  const oci::PinnedReference other(image_.repository(), DigestOf('b'));
  ASSERT_THAT(store_->PutSignatures(other, Fingerprint(),
                                    SignatureReport(Outcome::kWronglySigned, clock_.WallNow()),
                                    clock_.WallNow()),
              IsOk());
  EXPECT_FALSE(Decide(Pod({other.ToString()}), std::chrono::seconds(300)).allowed);
  EXPECT_EQ(permit_.begun, 0);
}

// Verified signatures may outvote this verdict: they are waited for.
TEST_F(GateSignatureTest, WaitsForSignaturesThatMayOutvote) {
  GivenReport(rules::Verdict::kSuspicious);
  Require("  signatures: {require: [{all: [release-key]}], outvote: [suspicious]}\n");
  const auto response = AskWhile([this] { GivenSignatures(Outcome::kVerified); });
  EXPECT_TRUE(response.allowed);
  EXPECT_FALSE(response.warnings.empty());
}

TEST_F(GateSignatureTest, APendingSignatureDoesNotEndTheWaitForOthers) {
  const oci::PinnedReference other(image_.repository(), DigestOf('b'));
  std::thread scanner([&] {
    while (QueuedJobs() < 2) std::this_thread::yield();
    GivenSignatures(Outcome::kVerified);
    GivenReport(other.digest(), rules::Verdict::kClean);
    (void)store_->PutSignatures(other, Fingerprint(),
                                SignatureReport(Outcome::kVerified, clock_.WallNow()),
                                clock_.WallNow());
  });
  const auto response =
      Decide(Pod({image_.ToString(), other.ToString()}), std::chrono::seconds(300));
  scanner.join();
  EXPECT_TRUE(response.allowed) << response.message;
}

TEST_F(GateSignatureTest, DryRunLeavesNoTrace) {
  const auto response = AskDry();
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("SG018"));
  GivenSignatures(Outcome::kUnsigned, store::kDenialRefresh);
  EXPECT_FALSE(AskDry().allowed);
  EXPECT_EQ(QueuedJobs(), 0U);
}

TEST_F(GateSignatureTest, OnlyEnforceWaits) {
  Require("  mode: audit\n");
  EXPECT_TRUE(Ask(std::chrono::seconds(300)).allowed);
  EXPECT_EQ(permit_.begun, 0);
  EXPECT_EQ(QueuedJobs(), 1U);
}

TEST_F(GateSignatureTest, WhereNobodyMayWaitItIsOverload) {
  CountingPermit refused(false);
  const auto response =
      gate_->Decide(Pod({image_.ToString()}), clock_.Now(), std::chrono::seconds(30), refused);
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(QueuedJobs(), 1U);
}

TEST_F(GateSignatureTest, ShedAnswersByThePolicyForUndecided) {
  EXPECT_FALSE(gate_->Shed(Pod({image_.ToString()}), clock_.Now(), "SY005", "overloaded").allowed);
}

// The job that is there may be for another repository of the host: when it has ended without our
// report, it is queued again.
TEST_F(GateSignatureTest, QueuesAgainWhatAnotherRepositorysJobTook) {
  const auto response = AskWhile([this] {
    const store::Job job = Leased();
    ASSERT_THAT(store_->Complete(job.id, "w"), IsOk());
    while (QueuedJobs() == 0) std::this_thread::yield();
    GivenSignatures(Outcome::kVerified);
  });
  EXPECT_TRUE(response.allowed);
}

// Whoever may pull a digest from one repository, or has another policy there, does not bar it from
// the others of the host.
TEST_F(GateSignatureTest, IsNotDeniedByTheFailureOfAnotherRepositorysJob) {
  const oci::PinnedReference elsewhere(oci::Repository{.host = "reg.example", .path = "elsewhere"},
                                       digest_);
  ASSERT_THAT(store_->Enqueue(elsewhere, store::Priority::kAdmission, clock_.WallNow()), IsOk());
  const store::Job theirs = Leased();
  std::thread scanner([&] {
    while (permit_.begun == 0) std::this_thread::yield();
    ASSERT_THAT(store_->Postpone(theirs.id, "w",
                                 {.not_before = clock_.WallNow() + std::chrono::minutes(1),
                                  .why = "trust root has expired",
                                  .cause = rules::Cause::kUnreachable,
                                  .signature = signature::Reason::kTrustRoot}),
                IsOk());
    std::optional<store::Job> ours;
    while (!ours) ours = *store_->Lease("w", std::chrono::minutes(1), clock_.WallNow(), {});
    EXPECT_EQ(ours->image.ToString(), image_.ToString());
    GivenSignatures(Outcome::kVerified);
  });
  const auto response = Ask(std::chrono::seconds(30));
  scanner.join();
  EXPECT_TRUE(response.allowed) << response.message;
}

TEST_F(GateSignatureTest, AsksTheRegistryForATagAndLooksUpItsSignatures) {
  GivenTag("reg.example/api:1");
  GivenSignatures(Outcome::kVerified);
  EXPECT_TRUE(Decide(Pod({"reg.example/api:1"})).allowed);
}

TEST_F(GateSignatureTest, ARegistryThatDoesNotAnswerLeavesSignaturesUndecided) {
  source_.FailWith(Error(ErrorCode::kUnavailable, "503"));
  const auto response = Decide(Pod({"reg.example/api:1"}), milliseconds(200));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("RG001"));
}

// Nothing asks for a signature of it.
TEST_F(GateSignatureTest, WhatIsNotRequiredIsNotLookedFor) {
  Require("  signatures: {require: [{images: [\"reg.example/other\"], all: [release-key]}]}\n");
  EXPECT_TRUE(Ask().allowed);
  EXPECT_EQ(QueuedJobs(), 0U);
}

// A gate by a clock that tests move.
class GateSignatureClockTest : public GateSignatureTest {
 protected:
  GateSignatureClockTest() {
    gate_ = std::make_unique<Gate>(source_, *store_, rules::RulePack::BuiltIn(), moved_, logger_,
                                   observer_, GateOptions{});
    gate_->SetPolicies(policies_);
  }
  void GivenVerifiedNow() {
    ASSERT_THAT(store_->PutSignatures(image_, Fingerprint(),
                                      SignatureReport(Outcome::kVerified, moved_.WallNow()),
                                      moved_.WallNow()),
                IsOk());
  }
  // In a dry run, which does not wait.
  bool IsAllowed() {
    admission::Request request = Pod({image_.ToString()});
    request.dry_run = true;
    return gate_->Decide(request, moved_.Now(), milliseconds(100), permit_).allowed;
  }

  FakeClock moved_;
};

TEST_F(GateSignatureClockTest, BelievesAReportForItsLife) {
  GivenVerifiedNow();
  EXPECT_TRUE(IsAllowed());
  moved_.Advance(signature::Report::kVerifiedLife - milliseconds(1));
  EXPECT_TRUE(IsAllowed());
  moved_.Advance(milliseconds(1));
  EXPECT_FALSE(IsAllowed());
}

TEST_F(GateSignatureClockTest, AClockSetBackEndsBeliefInWhatWasMadeAhead) {
  GivenVerifiedNow();
  EXPECT_TRUE(IsAllowed());
  moved_.SetWall(moved_.WallNow() - std::chrono::hours(24 * 365));
  EXPECT_FALSE(IsAllowed());
}

TEST_F(GateSignatureClockTest, AClockSetForwardEndsBelief) {
  GivenVerifiedNow();
  EXPECT_TRUE(IsAllowed());
  moved_.SetWall(moved_.WallNow() + std::chrono::hours(24));
  EXPECT_FALSE(IsAllowed());
}

// What the store learned meanwhile is noticed within a minute.
TEST_F(GateSignatureClockTest, NoticesAWithdrawnReportWithinAMinute) {
  GivenVerifiedNow();
  EXPECT_TRUE(IsAllowed());
  ASSERT_THAT(store_->PutSignatures(
                  image_, Fingerprint(),
                  SignatureReport(Outcome::kWronglySigned, moved_.WallNow(), std::chrono::hours(1)),
                  moved_.WallNow()),
              IsOk());
  moved_.Advance(SignatureCache::kMemory);
  EXPECT_FALSE(IsAllowed());
}

}  // namespace
}  // namespace xzgate::gate
