#include "webhook/kube/token_source.h"

#include "tests/support/fake_clock.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace xzgate::kube {
namespace {

using namespace std::chrono_literals;
using testing::ErrorIs;
using testing::FakeClock;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::TempFolder;

class TokenFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) { return folder_.Write("token", text); }
  TempFolder folder_;
  FakeClock clock_;
};

TEST_F(TokenFileTest, IsReadAnewWhenItIsAMinuteOld) {
  auto source = TokenSource::FromFile(Write("one\n"), clock_);
  ASSERT_THAT(source, IsOk());
  Write("two");
  clock_.Advance(59'999ms);
  EXPECT_EQ((*source)->Get().Reveal(), "one");
  clock_.Advance(1ms);
  EXPECT_EQ((*source)->Get().Reveal(), "two");
}

TEST_F(TokenFileTest, IsReadAnewWhenItWasRefused) {
  auto source = TokenSource::FromFile(Write("one"), clock_);
  EXPECT_FALSE((*source)->Renew("one"));
  Write("two");
  EXPECT_TRUE((*source)->Renew("one"));
  EXPECT_EQ((*source)->Get().Reveal(), "two");
  // Another thread was refused with the old one, and the new one is there already.
  EXPECT_TRUE((*source)->Renew("one"));
}

TEST_F(TokenFileTest, AnUnreadableFileLeavesTheTokenThatThereIs) {
  auto source = TokenSource::FromFile(Write("one"), clock_);
  Write("");
  EXPECT_FALSE((*source)->Renew("one"));
  EXPECT_EQ((*source)->Get().Reveal(), "one");
  EXPECT_THAT((*source)->trouble().value_or(""), HasSubstr("want one token"));
  Write("two");
  EXPECT_TRUE((*source)->Renew("one"));
  EXPECT_FALSE((*source)->trouble());
}

TEST_F(TokenFileTest, RefusesWhatIsNoToken) {
  for (const std::string text :
       {"", " \n", "two words", "line\nend", "caf\xC3\xA9", "a\x01", "t\r\nX-Evil: 1"}) {
    EXPECT_THAT(TokenSource::FromFile(Write(text), clock_), ErrorIs(ErrorCode::kInvalidArgument));
  }
  EXPECT_THAT(TokenSource::FromFile(Write(std::string(kMaxTokenBytes, 'x')), clock_), IsOk());
  EXPECT_THAT(TokenSource::FromFile(Write(std::string(kMaxTokenBytes + 1, 'x')), clock_),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(TokenSource::FromFile(Write(std::string(kMaxTokenBytes + 9, 'x')), clock_),
              ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(TokenSource::FromFile(folder_.path() + "/missing", clock_),
              ErrorIs(ErrorCode::kNotFound));
}

TEST(FixedTokenTest, StaysAsItIs) {
  auto source = TokenSource::Fixed(SecretString("abc"));
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ((*source)->Get().Reveal(), "abc");
  EXPECT_FALSE((*source)->Renew("abc"));
  const auto refused = TokenSource::Fixed(SecretString("hunter2 x"));
  ASSERT_THAT(refused, ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(refused.error().message(), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace xzgate::kube
