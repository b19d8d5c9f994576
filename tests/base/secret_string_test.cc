#include "base/secret_string.h"

#include <ostream>
#include <type_traits>

namespace xzgate {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Streamable<SecretString>, "a secret must not reach a log by accident");
static_assert(!std::is_copy_constructible_v<SecretString>);
static_assert(!std::is_convertible_v<SecretString, std::string>);

TEST(SecretStringTest, MovesAndLeavesNothingBehind) {
  SecretString from("hunter2");
  SecretString to(std::move(from));
  EXPECT_EQ(to.Reveal(), "hunter2");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
}

TEST(SecretStringTest, ALongSecretMovesToo) {
  SecretString from(std::string(1000, 's'));
  SecretString to;
  to = std::move(from);
  EXPECT_EQ(to.Reveal(), std::string(1000, 's'));
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
}

TEST(SecretStringTest, CloneIsASecretOfItsOwn) {
  SecretString first("a");
  const SecretString second = first.Clone();
  first = SecretString("b");
  EXPECT_EQ(second.Reveal(), "a");
  EXPECT_EQ(first.Reveal(), "b");
}

TEST(SecretStringTest, SelfMoveKeepsTheSecret) {
  SecretString secret("a");
  SecretString& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.Reveal(), "a");
}

}  // namespace
}  // namespace xzgate
