#include "webhook/gate/signature_cache.h"

#include <gtest/gtest.h>

#include "scanner/store/signature_state.h"
#include "tests/support/fake_clock.h"
#include "tests/support/signature_reports.h"

namespace xzgate::gate {
namespace {

using signature::Outcome;
using ::xzgate::testing::FakeClock;
using ::xzgate::testing::SignatureReport;

class SignatureCacheTest : public ::testing::Test {
 protected:
  static oci::PinnedReference Image(char digit, const std::string& repository = "api") {
    return oci::PinnedReference::Parse("reg.example/" + repository +
                                       "@sha256:" + std::string(64, digit))
        .value();
  }
  void Put(char digit, const signature::Report& report) {
    cache_.Put(Image(digit), "f", std::make_shared<const signature::Report>(report), clock_.Now(),
               clock_.WallNow());
  }
  void Put(char digit, Outcome outcome) { Put(digit, SignatureReport(outcome, clock_.WallNow())); }
  bool Has(const oci::PinnedReference& image, const std::string& requirement = "f") {
    return cache_.Find(image, requirement, clock_.Now(), clock_.WallNow()) != nullptr;
  }
  bool Has(char digit) { return Has(Image(digit)); }

  FakeClock clock_;
  SignatureCache cache_{2};
};

TEST_F(SignatureCacheTest, GivesWhatWasPut) {
  EXPECT_FALSE(Has('a'));
  Put('a', Outcome::kVerified);
  EXPECT_TRUE(Has('a'));
  EXPECT_FALSE(Has(Image('a', "other")));
  EXPECT_FALSE(Has(Image('a'), "g"));
}

TEST_F(SignatureCacheTest, ForgetsTheLeastUsed) {
  Put('a', Outcome::kVerified);
  Put('b', Outcome::kVerified);
  EXPECT_TRUE(Has('a'));
  Put('c', Outcome::kVerified);
  EXPECT_TRUE(Has('a'));
  EXPECT_FALSE(Has('b'));
  EXPECT_TRUE(Has('c'));
}

TEST_F(SignatureCacheTest, HidesTheStoreForAMinute) {
  Put('a', Outcome::kVerified);
  clock_.Advance(SignatureCache::kMemory - std::chrono::milliseconds(1));
  EXPECT_TRUE(Has('a'));
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(Has('a'));
}

TEST_F(SignatureCacheTest, BelievesADenialUntilItIsWorthAnotherLook) {
  Put('a', Outcome::kUnsigned);
  clock_.Advance(store::kDenialRefresh - std::chrono::milliseconds(1));
  EXPECT_TRUE(Has('a'));
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(Has('a'));
}

TEST_F(SignatureCacheTest, BelievesNothingPastItsEnd) {
  Put('a', SignatureReport(Outcome::kVerified, clock_.WallNow(), std::chrono::seconds(10)));
  clock_.Advance(std::chrono::milliseconds(9'999));
  EXPECT_TRUE(Has('a'));
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(Has('a'));
}

TEST_F(SignatureCacheTest, AClockSetBackProlongsNothing) {
  Put('a', SignatureReport(Outcome::kVerified, clock_.WallNow(), std::chrono::seconds(10)));
  clock_.SetWall(clock_.WallNow() - std::chrono::seconds(30));
  clock_.Advance(std::chrono::milliseconds(9'999));
  EXPECT_TRUE(Has('a'));
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(Has('a'));
}

TEST_F(SignatureCacheTest, AClockSetFarBackEndsBelief) {
  Put('a', Outcome::kVerified);
  clock_.SetWall(clock_.WallNow() - std::chrono::hours(1));
  EXPECT_FALSE(Has('a'));
}

TEST_F(SignatureCacheTest, AClockSetForwardEndsBelief) {
  Put('a', Outcome::kVerified);
  clock_.SetWall(clock_.WallNow() + std::chrono::hours(24));
  EXPECT_FALSE(Has('a'));
}

}  // namespace
}  // namespace xzgate::gate
