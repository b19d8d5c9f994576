#include "webhook/server/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tests/webhook/server/listener_fixture.h"

namespace xzgate::server {
namespace {

using namespace std::chrono_literals;
using testing::ErrorIs;

class ListenerTest : public ListenerFixture {};

TEST_F(ListenerTest, AnswersOverTls13) {
  StartWithCertificate();
  HttpClient& client = Connect();
  client.Send(Post("hello"));
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
  EXPECT_EQ(client.answers()[0].status, 200);
  EXPECT_EQ(client.answers()[0].body, "hello");
  EXPECT_EQ(client.tls_version(), "TLSv1.3");
  EXPECT_EQ(client.peer_name(), "first");
}

TEST_F(ListenerTest, AnswersOverTls12) {
  StartWithCertificate();
  HttpClient& client = Connect({.max_version = TLS1_2_VERSION});
  client.Send(Post("hello"));
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
  EXPECT_EQ(client.tls_version(), "TLSv1.2");
}

TEST_F(ListenerTest, RefusesTls11) {
  StartWithCertificate();
  HttpClient& client = Connect({.min_version = TLS1_1_VERSION, .max_version = TLS1_1_VERSION});
  ASSERT_TRUE(Over(client));
  EXPECT_FALSE(client.ready());
  // The server answered with an alert about the version; it was not the client that gave up.
  EXPECT_NE(client.failure().find("protocol version"), std::string::npos) << client.failure();
}

TEST_F(ListenerTest, ChoosesHttp11WhereHttp2IsOffered) {
  StartWithCertificate();
  HttpClient& client = Connect({.alpn = {"h2", "http/1.1"}});
  ASSERT_TRUE(AllReady({&client}));
  EXPECT_EQ(client.alpn(), "http/1.1");
}

TEST_F(ListenerTest, ServesClientsWithoutAlpn) {
  StartWithCertificate();
  HttpClient& client = Connect({.alpn = {}});
  client.Send(Post("hello"));
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
}

TEST_F(ListenerTest, RefusesClientsThatSpeakOnlyHttp2) {
  StartWithCertificate();
  HttpClient& client = Connect({.alpn = {"h2"}});
  ASSERT_TRUE(Over(client));
  EXPECT_FALSE(client.ready());
}

TEST_F(ListenerTest, KeepsAConnectionForManyRequests) {
  StartWithCertificate();
  HttpClient& client = Connect();
  for (std::size_t i = 1; i <= 20; ++i) {
    client.Send(Post("request " + std::to_string(i)));
    ASSERT_TRUE(Answered(client, i)) << client.failure();
  }
  EXPECT_EQ(client.answers().back().body, "request 20");
  EXPECT_EQ(observer_.opened, 1);
  EXPECT_EQ(observer_.requests, 20);
}

// Two requests in one TLS record: cpp-httplib serves the second only when more bytes come
// (hardening.md, 2.6).
TEST_F(ListenerTest, ServesPipelinedRequestsInOrder) {
  StartWithCertificate();
  HttpClient& client = Connect();
  client.Send(Post("one") + Post("two") + "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n" + Post("three"));
  ASSERT_TRUE(Answered(client, 4)) << client.failure();
  EXPECT_EQ(client.answers()[0].body, "one");
  EXPECT_EQ(client.answers()[1].body, "two");
  EXPECT_EQ(client.answers()[3].body, "three");
}

TEST_F(ListenerTest, TakesTheLargestBody) {
  StartWithCertificate();
  HttpClient& client = Connect();
  client.Send(Post(std::string(7 * 1024 * 1024, 'x')));
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
  EXPECT_EQ(client.answers()[0].body.size(), 7u * 1024 * 1024);
}

TEST_F(ListenerTest, RefusesABodyOneByteLarger) {
  StartWithCertificate();
  HttpClient& client = Connect();
  client.Send(Post(std::string(7 * 1024 * 1024 + 1, 'x')));
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
  EXPECT_EQ(client.answers()[0].status, 413);
  EXPECT_TRUE(client.answers()[0].closes());
  EXPECT_EQ(observer_.requests, 0);
}

TEST_F(ListenerTest, ClosesAfterARefusal) {
  StartWithCertificate();
  HttpClient& client = Connect();
  client.Send("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + Post("never read"));
  ASSERT_TRUE(Over(client));
  ASSERT_EQ(client.answers().size(), 1u);
  EXPECT_EQ(client.answers()[0].status, 404);
}

TEST_F(ListenerTest, SurvivesBytesThatAreNoTls) {
  StartWithCertificate();
  HttpClient& plain = Connect({.plain = true});
  plain.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Over(plain));
  HttpClient& client = Connect();
  client.Send(Post("hello"));
  ASSERT_TRUE(Answered(client, 1));
  EXPECT_EQ(observer_.Closed(CloseReason::kHandshake), 1);
}

TEST_F(ListenerTest, FailsHandshakesUntilThereIsACertificate) {
  Start();
  HttpClient& early = Connect();
  ASSERT_TRUE(Over(early));
  EXPECT_FALSE(early.ready());
  WritePair(TestCertificate::SelfSigned({.common_name = "late"}));
  listener_->Wake();
  HttpClient& client = Connect();
  ASSERT_TRUE(AllReady({&client}));
  EXPECT_EQ(client.peer_name(), "late");
}

TEST_F(ListenerTest, FollowsTheCertificateAndKeepsTheOldWhenTheNewIsBad) {
  StartWithCertificate();
  HttpClient& first = Connect();
  ASSERT_TRUE(AllReady({&first}));
  EXPECT_EQ(first.peer_name(), "first");

  WritePair(TestCertificate::SelfSigned({.common_name = "second", .rsa_bits = 2048}));
  listener_->Wake();
  HttpClient& second = Connect();
  ASSERT_TRUE(AllReady({&second}));
  EXPECT_EQ(second.peer_name(), "second");

  directory_.Write("tls.key", "rubbish");
  listener_->Wake();
  HttpClient& third = Connect();
  ASSERT_TRUE(AllReady({&third}));
  EXPECT_EQ(third.peer_name(), "second");
  EXPECT_NE(certificates_.state().last_error, "");

  // Connections of before the changes live on.
  first.Send(Post("still here"));
  ASSERT_TRUE(Answered(first, 1)) << first.failure();
}

TEST_F(ListenerTest, CutsAHandshakeThatNeverComes) {
  StartWithCertificate();
  HttpClient& silent = Connect({.plain = true});
  ASSERT_TRUE(RunUntil({&silent}, [&] { return observer_.opened == 1; }));
  clock_.Advance(4999ms);
  listener_->Wake();
  EXPECT_EQ(listener_->connections(), 1u);
  clock_.Advance(1ms);
  listener_->Wake();
  EXPECT_TRUE(Over(silent));
  EXPECT_EQ(observer_.Closed(CloseReason::kTimeout), 1);
}

TEST_F(ListenerTest, AnswersABodyThatDripsWithATimeout) {
  StartWithCertificate();
  HttpClient& client = Connect();
  client.Send(Post("hello").substr(0, Post("hello").size() - 2));
  ASSERT_TRUE(RunUntil({&client}, [&] { return client.ready() && client.sent_all(); }));
  // A second client's answer shows that the first one's bytes were read.
  HttpClient& other = Connect();
  other.Send(Post("x"));
  ASSERT_TRUE(Answered(other, 1));
  clock_.Advance(10s);
  listener_->Wake();
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
  EXPECT_EQ(client.answers()[0].status, 408);
}

TEST_F(ListenerTest, ClosesTheOldestIdleConnectionOverTheCap) {
  config_.front.max_connections = 3;
  StartWithCertificate();
  for (int i = 0; i < 3; ++i) {
    HttpClient& client = Connect();
    client.Send(Post("x"));
    ASSERT_TRUE(Answered(client, 1));
    clock_.Advance(1s);
  }
  HttpClient& fourth = Connect();
  fourth.Send(Post("x"));
  ASSERT_TRUE(Answered(fourth, 1));
  EXPECT_EQ(listener_->connections(), 3u);
  EXPECT_TRUE(Over(clients_[0]));
  clients_[1].Send(Post("x"));
  EXPECT_TRUE(Answered(clients_[1], 2));
}

TEST_F(ListenerTest, BoundsConnectionsOfOnePeer) {
  config_.front.max_per_peer = 2;
  StartWithCertificate();
  for (int i = 0; i < 5; ++i) {
    HttpClient& client = Connect();
    client.Send(Post("x"));
    ASSERT_TRUE(Answered(client, 1));
    clock_.Advance(1s);
  }
  EXPECT_EQ(listener_->connections(), 2u);
  EXPECT_EQ(observer_.Closed(CloseReason::kCap), 3);
}

// All workers wait for something; with Blocking, others are answered all the same.
TEST_F(ListenerTest, HandlersThatWaitDoNotStopTheOthers) {
  config_.workers = {.threads = 2, .max_waiting = 8, .max_queue = 64};
  std::latch go(1);
  echo_.behaviour = [&](const HttpRequest& request, Blocking& blocking) {
    if (blocking.Begin()) {
      go.wait();
      blocking.End();
    }
    return HttpResponse{.body = std::string(request.body)};
  };
  StartWithCertificate();
  for (int i = 0; i < 8; ++i) Connect().Send(Post("waits"));
  std::vector<HttpClient*> waiting;
  for (HttpClient& client : clients_) waiting.push_back(&client);
  ASSERT_TRUE(RunUntil(waiting, [&] { return listener_->load().waiting == 8; }));

  HttpClient& other = Connect();
  other.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Answered(other, 1));
  for (HttpClient* client : waiting) EXPECT_TRUE(client->answers().empty());
  go.count_down();
  for (HttpClient* client : waiting) EXPECT_TRUE(Answered(*client, 1));
}

TEST_F(ListenerTest, GivesTheOwnersAnswerWhenThereIsTooMuchToDo) {
  config_.workers = {.threads = 1, .max_waiting = 0, .max_queue = 1};
  std::latch started(1);
  std::latch go(1);
  ping_.behaviour = [&](const HttpRequest&, Blocking&) {
    started.count_down();
    go.wait();
    return HttpResponse{.body = "pong"};
  };
  StartWithCertificate();
  HttpClient& slow = Connect();
  slow.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(RunUntil({&slow}, [&] { return started.try_wait(); }));
  HttpClient& queued = Connect();
  queued.Send(Post("queued"));
  ASSERT_TRUE(RunUntil({&queued}, [&] { return listener_->load().queued == 1; }));
  HttpClient& shed = Connect();
  shed.Send(Post("uid"));
  ASSERT_TRUE(Answered(shed, 1));
  EXPECT_EQ(shed.answers()[0].body, "shed uid");
  EXPECT_EQ(shed.answers()[0].head.find("Retry-After"), std::string::npos);
  EXPECT_FALSE(shed.answers()[0].closes());
  EXPECT_EQ(observer_.shed, 1);

  // The queued one waited too long: its caller has given up.
  clock_.Advance(9s);
  go.count_down();
  ASSERT_TRUE(Answered(queued, 1));
  EXPECT_EQ(queued.answers()[0].body, "shed queued");
  EXPECT_EQ(observer_.shed, 2);
}

// Senders that stall with large bodies lose them before anybody else is refused.
TEST_F(ListenerTest, GivesUpTheLargestUnfinishedBodyWhenMemoryRunsShort) {
  config_.front.max_bodies_bytes = 1024 * 1024;
  config_.front.limits.max_body_bytes = 512 * 1024;
  StartWithCertificate();
  const std::string large(400 * 1024, 'x');
  for (int i = 0; i < 2; ++i) {
    HttpClient& hog = Connect();
    hog.Send("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + large);
    ASSERT_TRUE(RunUntil({&hog}, [&] { return (hog.ready() && hog.sent_all()) || hog.IsOver(); }));
  }
  HttpClient& client = Connect();
  client.Send(Post(std::string(300 * 1024, 'y')));
  ASSERT_TRUE(Answered(client, 1)) << client.failure();
  EXPECT_EQ(client.answers()[0].status, 200);
  EXPECT_GE(observer_.shed, 1);
}

TEST_F(ListenerTest, DrainsWithoutLosingWhatItAccepted) {
  std::latch started(1);
  std::latch go(1);
  ping_.behaviour = [&](const HttpRequest&, Blocking&) {
    started.count_down();
    go.wait();
    return HttpResponse{.body = "pong"};
  };
  StartWithCertificate();
  HttpClient& busy = Connect();
  busy.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(RunUntil({&busy}, [&] { return started.try_wait(); }));
  HttpClient& half = Connect();
  half.Send(Post("half").substr(0, 20));
  HttpClient& idle = Connect();
  HttpClient& used = Connect();
  used.Send(Post("before"));
  ASSERT_TRUE(RunUntil({&half, &idle, &used}, [&] {
    return half.ready() && half.sent_all() && idle.ready() && used.answers().size() == 1;
  }));

  Result<void> drained;
  std::thread drain([&] { drained = listener_->Drain(Deadline::After(clock_.Now(), 20s)); });
  // The listening socket is gone once a new connection is refused.
  ASSERT_TRUE(RunUntil({}, [&] {
    HttpClient probe(listener_->port(), {.plain = true});
    RunUntil({&probe}, [&] { return probe.IsOver(); }, 1s);
    return probe.failed();
  }));

  // Everything that is open is still served, and told that it was the last time.
  half.Send(Post("half").substr(20));
  used.Send(Post("after"));
  ASSERT_TRUE(Answered(half, 1)) << half.failure();
  ASSERT_TRUE(Answered(used, 2)) << used.failure();
  EXPECT_TRUE(half.answers()[0].closes());
  EXPECT_TRUE(used.answers()[1].closes());
  go.count_down();
  ASSERT_TRUE(Answered(busy, 1));
  EXPECT_EQ(busy.answers()[0].body, "pong");
  EXPECT_TRUE(busy.answers()[0].closes());
  ASSERT_TRUE(RunUntil({&half, &used, &busy},
                       [&] { return half.IsOver() && used.IsOver() && busy.IsOver(); }));

  // The idle one goes when its grace is over; nothing has been cut.
  for (HttpClient* client : {&half, &used, &busy}) client->Close();
  EXPECT_FALSE(idle.IsOver());
  clock_.Advance(1s);
  listener_->Wake();
  EXPECT_TRUE(Over(idle));
  drain.join();
  EXPECT_THAT(drained, IsOk());
  EXPECT_EQ(listener_->connections(), 0u);
}

TEST_F(ListenerTest, CutsAtTheDeadlineOfADrainAndSaysSo) {
  std::latch started(1);
  std::latch go(1);
  ping_.behaviour = [&](const HttpRequest&, Blocking&) {
    started.count_down();
    go.wait();
    return HttpResponse{};
  };
  StartWithCertificate();
  HttpClient& busy = Connect();
  busy.Send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(RunUntil({&busy}, [&] { return started.try_wait(); }));
  Result<void> drained;
  std::latch begun(1);
  std::thread drain([&] {
    const Deadline deadline = Deadline::After(clock_.Now(), 20s);
    begun.count_down();
    drained = listener_->Drain(deadline);
  });
  begun.wait();
  clock_.Advance(20s);
  // The drain may begin only after the clock moved; then the deadline has passed at once.
  ASSERT_TRUE(RunUntil({&busy}, [&] {
    listener_->Wake();
    return busy.IsOver();
  }));
  drain.join();
  EXPECT_THAT(drained, ErrorIs(ErrorCode::kDeadlineExceeded, "1 connections"));
  go.count_down();
  listener_.reset();  // the handler still runs, and waits on a latch of ours
}

// With the descriptors of the process used up, an idle connection makes room for the new one.
TEST_F(ListenerTest, ServesANewClientWhenDescriptorsRunOut) {
  StartWithCertificate();
  HttpClient& idle = Connect();
  idle.Send(Post("x"));
  ASSERT_TRUE(Answered(idle, 1));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(lowest);
  const rlimit one_more{static_cast<rlim_t>(lowest) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &one_more), 0);
  HttpClient& client = Connect();  // takes the last one
  client.Send(Post("hello"));
  const bool answered = Answered(client, 1);
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(answered) << client.failure();
  EXPECT_GE(observer_.accept_errors, 1);
  EXPECT_TRUE(Over(idle));
}

TEST_F(ListenerTest, NamesAPortInUse) {
  StartWithCertificate();
  config_.front.port = listener_->port();
  const auto second = Listener::Create(config_, {}, certificates_, clock_, logger_, observer_);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().message().find(std::to_string(listener_->port())), std::string::npos);
}

}  // namespace
}  // namespace xzgate::server
