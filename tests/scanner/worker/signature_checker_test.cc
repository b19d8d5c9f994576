#include "scanner/worker/signature_checker.h"

#include "scanner/store/sqlite_database.h"
#include "tests/scanner/worker/signature_case.h"
#include "tests/support/temp_folder.h"

namespace xzgate::worker {
namespace {

using signature::Outcome;
using ::testing::SizeIs;

class SignatureCheckerTest : public SignatureCase {
 protected:
  const oci::Descriptor image_ = ManifestOf({Layer("5.4.1")});
};

TEST_F(SignatureCheckerTest, StoresWhatItFinds) {
  Sign(image_);
  EXPECT_FALSE(Check(image_));
  ASSERT_TRUE(Stored(image_));
  EXPECT_EQ(Stored(image_)->outcome(), Outcome::kVerified) << Stored(image_)->detail();
  EXPECT_EQ(Stored(image_)->made(), clock_.WallNow());
  EXPECT_EQ(observer_.verifications, 1);
}

TEST_F(SignatureCheckerTest, StoresADenial) {
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(Outcome(image_), Outcome::kUnsigned);
  const auto other = ManifestOf({Layer("5.4.2")});
  Sign(other, 1);
  EXPECT_FALSE(Check(other));
  EXPECT_EQ(Outcome(other), Outcome::kWronglySigned);
}

TEST_F(SignatureCheckerTest, VerifiesNothingThatNobodyAsksFor) {
  requirements_.Set({});
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(observer_.verifications, 0);
  EXPECT_EQ(source_.referrer_lists(), 0);
}

TEST_F(SignatureCheckerTest, DoesNotRepeatWhatIsStored) {
  Sign(image_);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Check(image_));
  EXPECT_EQ(observer_.verifications, 1);
}

TEST_F(SignatureCheckerTest, AnotherPolicyIsAnotherVerification) {
  Sign(image_);
  EXPECT_FALSE(Check(image_));
  Require("other-policy");
  EXPECT_FALSE(Outcome(image_));
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(Outcome(image_), Outcome::kVerified);
  EXPECT_EQ(observer_.verifications, 2);
}

TEST_F(SignatureCheckerTest, ANewSignatureIsFoundOnceADenialIsStale) {
  EXPECT_FALSE(Check(image_));
  Sign(image_);
  clock_.Advance(store::kDenialRefresh - std::chrono::milliseconds(1));
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(Outcome(image_), Outcome::kUnsigned);
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(Outcome(image_), Outcome::kVerified);
}

// The state beside it still says that there is a report.
TEST_F(SignatureCheckerTest, ADamagedReportIsMadeAnew) {
  const testing::TempFolder folder;
  const std::string path = folder.path() + "/store.db";
  const auto store = *store::SqliteStore::Open(path, logger_);
  SignatureChecker checker(source_, *store, requirements_, clock_, logger_, observer_);
  Sign(image_);
  EXPECT_FALSE(checker.Check(Pinned(image_), {}));
  ASSERT_THAT((*store::Database::Open(path))->Execute("UPDATE signatures SET report='{'"), IsOk());
  EXPECT_FALSE(checker.Check(Pinned(image_), {}));
  EXPECT_EQ(observer_.verifications, 2);
  const auto report = *store->FindSignatures(Pinned(image_), wanted_.fingerprint);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome(), Outcome::kVerified);
}

// Policies that overlap ask the registry no more often than one.
TEST_F(SignatureCheckerTest, OneListingDoesForAllRequirements) {
  const auto elsewhere = [](const std::string& policy) {
    signature::Requirement requirement = *Sealed(policy).requirement;
    requirement.signature_repository = oci::Repository{.host = "reg.example", .path = "signatures"};
    return signature::Seal(std::move(requirement));
  };
  Sign(image_);
  EXPECT_FALSE(Check(image_));
  const int resolves = source_.resolves();
  ASSERT_EQ(source_.referrer_lists(), 1);
  requirements_.Set({Sealed("a"), Sealed("b"), Sealed("c", 1), elsewhere("d"), elsewhere("e")});
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(observer_.verifications, 6);
  EXPECT_EQ(source_.referrer_lists(), 1 + 2);  // one for each repository
  EXPECT_LE(source_.resolves(), 3 * resolves);
  // The next job lists anew.
  clock_.Advance(std::chrono::hours(24));
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(source_.referrer_lists(), 1 + 2 + 2);
}

struct DownCase {
  std::string name;
  ErrorCode code;
};

class RegistryDown : public SignatureCheckerTest, public ::testing::WithParamInterface<DownCase> {};

TEST_P(RegistryDown, IsNeverUnsigned) {
  source_.FailWith(Error(GetParam().code, "the registry said so"));
  const auto trouble = Check(image_);
  ASSERT_TRUE(trouble);
  EXPECT_EQ(trouble->reason, signature::Reason::kRegistry);
  EXPECT_EQ(trouble->error.code(), GetParam().code);
  EXPECT_THAT(trouble->error.message(), HasSubstr("the registry said so"));
  EXPECT_FALSE(Stored(image_));
}

TEST_P(RegistryDown, WhileASignatureIsFetchedIsNeverUnsigned) {
  Sign(image_);
  source_.FailReferrersWith(Error(GetParam().code, "the registry said so"));
  ASSERT_TRUE(Check(image_));
  EXPECT_FALSE(Stored(image_));
}

// The same bytes still hold the same signature.
TEST_P(RegistryDown, AfterTheFirstSightIsStillVerified) {
  Sign(image_);
  EXPECT_FALSE(Check(image_));
  source_.FailWith(Error(GetParam().code, "the registry said so"));
  clock_.Advance(std::chrono::hours(25));
  EXPECT_FALSE(Check(image_));
  EXPECT_EQ(Outcome(image_), Outcome::kVerified);
  EXPECT_EQ(Stored(image_)->made(), clock_.WallNow());
}

// What nobody signed may have been signed since.
TEST_P(RegistryDown, AfterADenialLeavesTheDenialAsItWas) {
  EXPECT_FALSE(Check(image_));
  const auto before = clock_.WallNow();
  source_.FailWith(Error(GetParam().code, "the registry said so"));
  clock_.Advance(std::chrono::minutes(2));
  EXPECT_TRUE(Check(image_));
  EXPECT_EQ(Stored(image_)->made(), before);
}

INSTANTIATE_TEST_SUITE_P(All, RegistryDown,
                         ::testing::Values(DownCase{"Unavailable", ErrorCode::kUnavailable},
                                           DownCase{"Deadline", ErrorCode::kDeadlineExceeded},
                                           DownCase{"Unauthenticated", ErrorCode::kUnauthenticated},
                                           DownCase{"Denied", ErrorCode::kPermissionDenied}),
                         [](const auto& test) { return test.param.name; });

TEST_F(SignatureCheckerTest, OneRequirementIsJudgedWhateverBecomesOfAnother) {
  const auto elsewhere = [] {
    signature::Requirement requirement = *Sealed("elsewhere").requirement;
    requirement.signature_repository = oci::Repository{.host = "reg.example", .path = "signatures"};
    return signature::Seal(std::move(requirement));
  }();
  requirements_.Set({elsewhere, wanted_});
  Sign(image_);
  source_.FailOn("reg.example/signatures:sha256-" + image_.digest.hex() + ".sig",
                 Error(ErrorCode::kUnavailable, "503"));
  const auto trouble = Check(image_);
  ASSERT_TRUE(trouble);
  EXPECT_EQ(Outcome(image_), Outcome::kVerified);
  EXPECT_FALSE(*store_->FindSignatures(Pinned(image_), elsewhere.fingerprint));
  EXPECT_TRUE(Check(image_));
  EXPECT_EQ(observer_.verifications, 3);  // the one that is known is not repeated
}

class SignatureJob : public SignatureCase {};

TEST_F(SignatureJob, ScansAndVerifies) {
  const auto image = ManifestOf({Layer("5.4.1")});
  Sign(image);
  GivenJob(image);
  Run();
  EXPECT_FALSE(*Found(image));
  EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
  EXPECT_EQ(Outcome(image), Outcome::kVerified);
}

// A denial by what is in the image waits for nobody who vouches for it.
TEST_F(SignatureJob, StoresTheVerdictFirst) {
  const auto image = ManifestOf({Layer("5.6.1-1")});
  GivenJob(image);
  observer_.after_scan = [&] {
    EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
    EXPECT_FALSE(Stored(image));
  };
  Run();
  EXPECT_TRUE(Stored(image));
}

TEST_F(SignatureJob, DoesNotScanWhatIsKnown) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  Run();
  Require("other-policy");
  GivenJob(image);
  Run();
  EXPECT_EQ(observer_.scans, 1);
  EXPECT_EQ(observer_.verifications, 2);
  EXPECT_FALSE(*Found(image));
}

TEST_F(SignatureJob, PostponedWithItsCause) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailReferrersWith(Error(ErrorCode::kUnavailable, "status 503"));
  Run();
  EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
  ASSERT_TRUE(*Found(image));
  EXPECT_THAT((*Found(image))->why, HasSubstr("status 503"));
  EXPECT_EQ((*Found(image))->cause, rules::Cause::kUnreachable);
  EXPECT_EQ((*Found(image))->signature, signature::Reason::kRegistry);
  EXPECT_FALSE(Stored(image));
  source_.FailReferrersWith(std::nullopt);
  clock_.Advance(std::chrono::minutes(1));
  Run();
  EXPECT_EQ(Outcome(image), Outcome::kUnsigned);
  EXPECT_EQ(observer_.scans, 1);
}

struct CostCase {
  std::string name;
  ErrorCode code;
  bool costs;
};

class SignatureRetries : public SignatureCase, public ::testing::WithParamInterface<CostCase> {};

TEST_P(SignatureRetries, CostAnAttemptAsScansDo) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailReferrersWith(Error(GetParam().code, "no"));
  Run();
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ((*Lease())->attempts, GetParam().costs ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(All, SignatureRetries,
                         ::testing::Values(CostCase{"Busy", ErrorCode::kUnavailable, false},
                                           CostCase{"Slow", ErrorCode::kDeadlineExceeded, false},
                                           CostCase{"Stranger", ErrorCode::kUnauthenticated, false},
                                           CostCase{"Denied", ErrorCode::kPermissionDenied, true}),
                         [](const auto& test) { return test.param.name; });

TEST_F(SignatureJob, IsGivenUpAfterTheLastAttempt) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailReferrersWith(Error(ErrorCode::kPermissionDenied, "no"));
  for (int i = 0; i < options_.max_attempts; ++i) {
    Run();
    clock_.Advance(std::chrono::hours(1));
  }
  EXPECT_TRUE((*Found(image))->dead);
  EXPECT_EQ((*Found(image))->signature, signature::Reason::kRegistry);
  EXPECT_FALSE(Stored(image));
}

// Without a trust root nothing is decided, and nothing is stored that would say otherwise.
TEST_F(SignatureJob, WithoutATrustRootRests) {
  signature::Requirement requirement = *wanted_.requirement;
  signature::Authority logged =
      signature::ByKey(signature::Key(0), {.require_tlog = true}, "release-key");
  logged.roots.clear();
  requirement.authorities = {std::make_shared<const signature::Authority>(std::move(logged))};
  wanted_ = signature::Seal(std::move(requirement));
  requirements_.Set({wanted_});
  const auto image = ManifestOf({Layer("5.4.1")});
  Sign(image);
  GivenJob(image);
  Run();
  EXPECT_FALSE(Stored(image));
  ASSERT_TRUE(*Found(image));
  EXPECT_EQ((*Found(image))->signature, signature::Reason::kTrustRoot);
  EXPECT_FALSE((*Found(image))->dead);
  EXPECT_EQ((*Found(image))->not_before, clock_.WallNow() + std::chrono::minutes(10));
}

TEST_F(SignatureJob, AsksNoRegistryThatDidNotAnswerTheScan) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  source_.FailWith(Error(ErrorCode::kUnavailable, "503"));
  Run();
  EXPECT_EQ(source_.referrer_lists(), 0);
  EXPECT_EQ((*Found(image))->signature, signature::Reason::kNone);
}

TEST_F(SignatureJob, AStopGivesItBackAsItCame) {
  const auto image = ManifestOf({Layer("5.4.1")});
  GivenJob(image);
  std::atomic<bool> stop = false;
  observer_.after_scan = [&] {
    stop = true;
    source_.FailReferrersWith(Error(ErrorCode::kUnavailable, "cut off"));
  };
  EXPECT_TRUE(*Runner().RunOne("w", {.stop = &stop}));
  EXPECT_EQ((*Found(image))->why, "");
  EXPECT_EQ((*Lease())->attempts, 0);
}

TEST_F(SignatureJob, OneJobForAllWhoAsk) {
  const auto image = ManifestOf({Layer("5.4.1")});
  for (int i = 0; i < 10; ++i) GivenJob(image);
  EXPECT_EQ(store_->Stats(clock_.WallNow())->ready, 1U);
  Run();
  EXPECT_EQ(observer_.verifications, 1);
  EXPECT_FALSE(*Runner().RunOne("w", {}));
}

}  // namespace
}  // namespace xzgate::worker
