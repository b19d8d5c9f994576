#include "webhook/certificates/bundle.h"

#include "tests/support/result_matchers.h"
#include "tests/webhook/certificates/samples.h"

namespace xzgate::certificates {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class BundleTest : public ::testing::Test {
 protected:
  static std::vector<crypto::Certificate> Authority(WallTime now = kStart) {
    return First(now).authorities;
  }
  std::optional<std::string> Next(const std::string& current, SteadyTime passed = {}) {
    return plan_.Next(current, ours_, kStart, passed);
  }

  const std::vector<crypto::Certificate> ours_ = Authority();
  const std::string pem_ = ours_[0].ToPem();
  BundlePlan plan_;
};

TEST_F(BundleTest, OursIsWritten) {
  EXPECT_THAT(Next(""), Optional(pem_));
  EXPECT_THAT(Next("garbage"), Optional(pem_));
  EXPECT_THAT(Next(First().leaf->certificate.ToPem()), Optional(pem_)) << "a leaf is no authority";
  EXPECT_EQ(Next(pem_), std::nullopt);
  EXPECT_THAT(Next(pem_ + pem_), Optional(pem_));
}

TEST_F(BundleTest, TheNewestComesFirst) {
  const auto both = std::vector{Authority()[0], ours_[0]};
  EXPECT_THAT(plan_.Next(pem_, both, kStart, {}), Optional(both[0].ToPem() + pem_));
}

TEST_F(BundleTest, AStrangerStaysForAWhile) {
  const std::string stranger = Authority()[0].ToPem();
  const SteadyTime start{};
  EXPECT_THAT(Next(stranger, start), Optional(pem_ + stranger));
  EXPECT_EQ(Next(pem_ + stranger, start + kStrangersStay - std::chrono::seconds(1)), std::nullopt);
  EXPECT_THAT(Next(pem_ + stranger, start + kStrangersStay), Optional(pem_));
}

TEST_F(BundleTest, AnExpiredStrangerGoesAtOnce) {
  const std::string old = Authority(kStart - std::chrono::days(5000))[0].ToPem();
  EXPECT_THAT(Next(pem_ + old), Optional(pem_));
}

TEST_F(BundleTest, AStrangerThatComesAgainIsNew) {
  const std::string stranger = Authority()[0].ToPem();
  const SteadyTime start{};
  Next(pem_ + stranger, start);
  Next(pem_, start + std::chrono::minutes(5));
  EXPECT_EQ(Next(pem_ + stranger, start + std::chrono::minutes(12)), std::nullopt);
}

TEST_F(BundleTest, SaysWhatItHolds) {
  EXPECT_TRUE(Holds(Authority()[0].ToPem() + pem_, ours_[0]));
  EXPECT_FALSE(Holds(Authority()[0].ToPem(), ours_[0]));
  EXPECT_FALSE(Holds(pem_ + "garbage", ours_[0]));
  EXPECT_FALSE(Holds("", ours_[0]));
}

}  // namespace
}  // namespace xzgate::certificates
