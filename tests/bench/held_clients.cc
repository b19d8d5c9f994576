#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include "tests/bench/clients.h"
#include "tests/bench/latency.h"

namespace xzgate::bench {
namespace {

constexpr std::string_view kHeadStart = "POST /validate HTTP/1.1\r\nHost: localhost\r\nX-Drip: ";
constexpr std::chrono::seconds kDrip{1};
constexpr std::chrono::hours kForever{24};

struct Held {
  std::size_t there = 0;  // idle ones that were answered, dripping ones that dripped
  std::size_t cut = 0;    // connections that the server closed
};

// Asks once, then keeps quiet.
class IdleClient final : public TlsClient::Owner {
 public:
  IdleClient(const Target& target, const std::string& request, Held& held)
      : request_(request), held_(held), client_(target, *this) {
    client_.Connect();
  }
  void OnOpen() override { client_.Send(request_); }
  void OnBytes(std::string_view bytes) override {
    if (!reader_.Feed(bytes)) return;
    held_.there += was_there_ ? 0 : 1;
    was_there_ = true;
  }
  void OnClosed() override {
    ++held_.cut;
    client_.Connect();
  }

 private:
  const std::string& request_;
  Held& held_;
  TlsClient client_;
  AnswerReader reader_;
  bool was_there_ = false;
};

// Sends a head that never ends, a byte a second, on one connection after the other.
class DrippingClient final : public TlsClient::Owner {
 public:
  DrippingClient(const Target& target, Held& held, Time first)
      : loop_(target.loop), held_(held), client_(target, *this) {
    client_.Connect();
    loop_.At(first, [this, first] { Drip(first); });
  }
  void OnOpen() override { is_open_ = true; }
  void OnBytes(std::string_view) override {}
  void OnClosed() override {
    ++held_.cut;
    is_open_ = false;
    at_ = 0;
    client_.Connect();
  }

 private:
  void Drip(Time due) {
    const Time next = due + kDrip;
    loop_.At(next, [this, next] { Drip(next); });
    if (!is_open_) return;
    held_.there += was_there_ ? 0 : 1;
    was_there_ = true;
    client_.Send(at_ < kHeadStart.size() ? kHeadStart.substr(at_, 1) : "a");
    ++at_;
  }

  EventLoop& loop_;
  Held& held_;
  TlsClient client_;
  std::size_t at_ = 0;
  bool is_open_ = false;
  bool was_there_ = false;
};

// Notes the end of the standard input.
class InputEnd final : public EventLoop::Handler {
 public:
  void OnReady() override {
    std::array<char, 64> bytes;
    is_over_ = is_over_ || read(STDIN_FILENO, bytes.data(), bytes.size()) == 0;
  }
  bool is_over() const { return is_over_; }

 private:
  bool is_over_ = false;
};

}  // namespace

std::string RunHeld(const Target& target, const std::string& request, const HeldLoad& load) {
  Held held;
  InputEnd input;
  target.loop.Watch(STDIN_FILENO, input);
  std::vector<std::unique_ptr<TlsClient::Owner>> clients;
  for (std::size_t i = 0; i < load.idle; ++i)
    clients.push_back(std::make_unique<IdleClient>(target, request, held));
  for (std::size_t i = 0; i < load.dripping; ++i) {
    const Time first = Clock::now() + kDrip + kDrip * i / load.dripping;
    clients.push_back(std::make_unique<DrippingClient>(target, held, first));
  }
  const Time end = Clock::now() + kForever;
  const std::size_t all = load.idle + load.dripping;
  target.loop.Run(end, [&] { return input.is_over() || held.there == all; });
  std::puts("held");
  std::fflush(stdout);
  target.loop.Run(end, [&input] { return input.is_over(); });
  return fmt::format(R"({{"there":{},"cut":{}}})", held.there, held.cut);
}

}  // namespace xzgate::bench
