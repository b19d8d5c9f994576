#include "webhook/server/accepter.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <deque>
#include <string>
#include <utility>

#include "tests/support/result_matchers.h"

namespace xzgate::server {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using Outcome = Accepter::Outcome;

struct FailureCase {
  std::string name;
  int error;
  Outcome want;
};

class AccepterSurvives : public ::testing::TestWithParam<FailureCase> {};

TEST_P(AccepterSurvives, AndSaysWhatToDo) {
  // Readable, as a listening socket is while a connection waits.
  Accepter accepter(UniqueFd(::eventfd(1, EFD_CLOEXEC)), [](int, void*, unsigned*) {
    errno = GetParam().error;
    return -1;
  });
  const auto accepted = accepter.Next();
  EXPECT_EQ(accepted.outcome, GetParam().want);
  EXPECT_EQ(accepted.error, GetParam().error);
}

const FailureCase kFailures[] = {
    {"NothingThere", EAGAIN, Outcome::kEmpty},
    {"Interrupted", EINTR, Outcome::kRetry},
    {"PeerGone", ECONNABORTED, Outcome::kRetry},
    {"ProtocolError", EPROTO, Outcome::kRetry},
    {"FirewallRefused", EPERM, Outcome::kRetry},
    {"ProcessOutOfDescriptors", EMFILE, Outcome::kExhausted},
    {"SystemOutOfDescriptors", ENFILE, Outcome::kExhausted},
    {"NoBuffers", ENOBUFS, Outcome::kPause},
    {"NoMemory", ENOMEM, Outcome::kPause},
    {"Unthinkable", EBADF, Outcome::kPause},
};
INSTANTIATE_TEST_SUITE_P(Table, AccepterSurvives, ::testing::ValuesIn(kFailures),
                         [](const auto& tested) { return tested.param.name; });

TEST(Accepter, MakesNoRoomWhenNobodyWaits) {
  Accepter accepter(UniqueFd(::eventfd(0, EFD_CLOEXEC)), [](int, void*, unsigned*) {
    errno = EMFILE;
    return -1;
  });
  EXPECT_EQ(accepter.Next().outcome, Outcome::kEmpty);
}

// The reserve makes one accept possible where there was none, and is there again afterwards.
TEST(Accepter, RefusesWithItsReserveAgainAndAgain) {
  int accepts = 0;
  Accepter accepter(UniqueFd(), [&accepts](int, void*, unsigned*) {
    ++accepts;
    return ::socket(AF_INET, SOCK_STREAM, 0);
  });
  EXPECT_TRUE(accepter.RefuseOne());
  EXPECT_TRUE(accepter.RefuseOne());
  EXPECT_EQ(accepts, 2);
}

TEST(ListenOn, TakesAPortOfTheKernelsChoice) {
  const auto fd = ListenOn("127.0.0.1", 0);
  ASSERT_THAT(fd, IsOk());
  EXPECT_NE(BoundPort(fd->get()), 0);
}

TEST(ListenOn, NamesAPortInUse) {
  const auto first = ListenOn("127.0.0.1", 0);
  ASSERT_THAT(first, IsOk());
  const auto port = BoundPort(first->get());
  EXPECT_THAT(ListenOn("127.0.0.1", port),
              ErrorIs(ErrorCode::kUnavailable, "\"127.0.0.1\" port " + std::to_string(port)));
}

TEST(ListenOn, RefusesANameInPlaceOfAnAddress) {
  EXPECT_THAT(ListenOn("localhost", 0), ErrorIs(ErrorCode::kInvalidArgument, "\"localhost\""));
}

}  // namespace
}  // namespace xzgate::server
