#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/webhook/server/listener_fixture.h"

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;

// What stopped cpp-httplib alone: more connections than threads, and clients that drip
// (hardening.md, 2.4).
class ListenerLoadTest : public ListenerFixture {
 protected:
  std::vector<HttpClient*> ConnectMany(int count) {
    std::vector<HttpClient*> made;
    for (int i = 0; i < count; ++i) made.push_back(&Connect());
    return made;
  }
  static bool AllAnswered(const std::vector<HttpClient*>& clients, std::size_t answers) {
    return std::all_of(clients.begin(), clients.end(),
                       [answers](auto* each) { return each->answers().size() == answers; });
  }
  static std::size_t Lost(const std::vector<HttpClient*>& clients) {
    return static_cast<std::size_t>(
        std::count_if(clients.begin(), clients.end(), [](auto* each) { return each->IsOver(); }));
  }
};

TEST_F(ListenerLoadTest, SixHundredConnectionsOfWhichMostDripOrIdle) {
  StartWithCertificate();
  const auto drips = ConnectMany(64);
  const auto idle = ConnectMany(256);
  auto working = ConnectMany(270);
  std::vector<HttpClient*> all;
  for (HttpClient& client : clients_) all.push_back(&client);
  ASSERT_TRUE(AllReady(all));
  ASSERT_EQ(Lost(all), 0u);

  // Four seconds: each drip sends a byte a second, each working client one request, and ten new
  // clients come.
  const std::string request = Post("{\"kind\":\"AdmissionReview\"}");
  for (std::size_t second = 1; second <= 4; ++second) {
    for (HttpClient* drip : drips) drip->Send(request.substr(second - 1, 1));
    const std::size_t fresh = second == 1 ? 10 : 0;
    for (std::size_t i = 0; i < fresh; ++i) {
      working.push_back(&Connect());
      all.push_back(working.back());
    }
    for (HttpClient* client : working) client->Send(request);
    ASSERT_TRUE(RunUntil(all, [&] { return AllAnswered(working, second); }));
    EXPECT_TRUE(AllAnswered(drips, 0));
    clock_.Advance(1s);
    listener_->Wake();
  }
  EXPECT_EQ(Lost(all), 0u);
  EXPECT_EQ(listener_->connections(), 600u);

  // Heads have five seconds in all: the drips are told so, and only they.
  clock_.Advance(1s);
  listener_->Wake();
  ASSERT_TRUE(RunUntil(drips, [&] { return AllAnswered(drips, 1); }));
  for (HttpClient* drip : drips) EXPECT_EQ(drip->answers()[0].status, 408);
  for (HttpClient* client : idle) client->Send(request);
  ASSERT_TRUE(RunUntil(idle, [&] { return AllAnswered(idle, 1); }));
  EXPECT_EQ(Lost(idle) + Lost(working), 0u);
}

}  // namespace
}  // namespace xzgate::server
