#include "webhook/server/front.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_logger.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tls_client.h"
#include "webhook/server/plain_channel.h"

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;
using testing::HttpClient;
using testing::IsOk;
using testing::RunUntil;

const std::string kGet = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n";

// A plain channel whose reads run out of memory as long as a test says so.
class StarvedChannel final : public Channel {
 public:
  StarvedChannel(int fd, const bool& starves) : plain_(fd), starves_(starves) {}
  Io Handshake() override { return plain_.Handshake(); }
  IoResult Read(std::span<char> into) override {
    if (starves_) throw std::bad_alloc();
    return plain_.Read(into);
  }
  IoResult Write(std::string_view bytes) override { return plain_.Write(bytes); }
  void EndWriting() override { plain_.EndWriting(); }
  IoResult Discard(std::span<char> scratch) override { return plain_.Discard(scratch); }

 private:
  PlainChannel plain_;
  const bool& starves_;
};

class BalanceObserver final : public Observer {
 public:
  void OnConnectionOpened() override { ++open; }
  void OnConnectionClosed(CloseReason) override { --open; }
  std::atomic<int> open = 0;
};

// A front without TLS that answers each request at once; `fails` says where memory runs out once.
class FrontTest : public ::testing::Test {
 protected:
  enum class Place { kNowhere, kOpen, kRead, kDispatch, kTick };

  void Start() {
    Front::Hooks hooks{.open =
                           [this](int fd) {
                             if (Fails(Place::kOpen)) throw std::bad_alloc();
                             starves_ = Fails(Place::kRead);
                             return std::make_unique<StarvedChannel>(fd, starves_);
                           },
                       .dispatch =
                           [this](Front::ConnectionId id, FramedRequest) {
                             if (Fails(Place::kDispatch)) throw std::bad_alloc();
                             front_->Answer(id, {.body = "pong"});
                           },
                       .tick =
                           [this] {
                             if (Fails(Place::kTick)) throw std::bad_alloc();
                             ++ticks_;
                           }};
    auto made =
        Front::Create(config_, {{"GET", "/ping"}}, std::move(hooks), clock_, logger_, observer_);
    ASSERT_THAT(made, IsOk());
    front_ = std::move(*made);
    ASSERT_THAT(front_->Start(), IsOk());
  }

  bool Fails(Place here) {
    Place expected = here;
    return fails_.compare_exchange_strong(expected, Place::kNowhere);
  }

  bool Answers(HttpClient& client) {
    client.Send(kGet);
    return RunUntil({&client}, [&] { return client.answers().size() == 1; });
  }

  FrontConfig config_{.address = "127.0.0.1"};
  testing::FakeClock clock_;
  testing::FakeLogger logger_;
  BalanceObserver observer_;
  std::atomic<Place> fails_ = Place::kNowhere;
  std::atomic<int> ticks_ = 0;
  bool starves_ = false;  // on the front's thread
  std::unique_ptr<Front> front_;
};

// Memory runs out while a connection is made: the next one is served all the same.
TEST_F(FrontTest, AcceptsAgainAfterAFailureInTheMiddleOfAccepting) {
  fails_ = Place::kOpen;
  Start();
  HttpClient unlucky(front_->port(), {.plain = true});
  ASSERT_TRUE(RunUntil({&unlucky}, [&] { return unlucky.IsOver(); }));
  HttpClient next(front_->port(), {.plain = true});
  EXPECT_TRUE(Answers(next)) << next.failure();
  EXPECT_EQ(logger_.Find("listener event failed").size(), 1u);
  EXPECT_EQ(observer_.open, 1);
}

class FrontDrops : public FrontTest, public ::testing::WithParamInterface<bool> {};

// A connection that fails is closed at once, not kept without anything that would end it.
TEST_P(FrontDrops, OnlyTheConnectionThatFails) {
  Start();
  HttpClient before(front_->port(), {.plain = true});
  ASSERT_TRUE(Answers(before));
  fails_ = GetParam() ? Place::kRead : Place::kDispatch;
  HttpClient unlucky(front_->port(), {.plain = true});
  unlucky.Send(kGet);
  ASSERT_TRUE(RunUntil({&unlucky}, [&] { return unlucky.IsOver(); }));
  EXPECT_TRUE(unlucky.answers().empty());
  EXPECT_EQ(logger_.Find("connection failed").size(), 1u);
  HttpClient next(front_->port(), {.plain = true});
  EXPECT_TRUE(Answers(next)) << next.failure();
  EXPECT_EQ(front_->connections(), 2u);
  EXPECT_EQ(observer_.open, 2);
}

INSTANTIATE_TEST_SUITE_P(Places, FrontDrops, ::testing::Bool(), [](const auto& tested) {
  return tested.param ? "WhileReading" : "WhileHandingOut";
});

TEST_F(FrontTest, KeepsTimeAfterAFailureInATick) {
  fails_ = Place::kTick;
  Start();
  ASSERT_TRUE(RunUntil({}, [&] { return ticks_ > 0; }));
  EXPECT_EQ(logger_.Find("listener event failed").size(), 1u);
}

}  // namespace
}  // namespace xzgate::server
