#include <deque>
#include <memory>
#include <vector>

#include "tests/bench/clients.h"
#include "tests/bench/latency.h"

namespace xzgate::bench {
namespace {

constexpr std::chrono::seconds kGrace{10};  // an API server's patience

Clock::duration ToDuration(std::chrono::duration<double> time) {
  return std::chrono::duration_cast<Clock::duration>(time);
}

// One connection with its own queue of due requests.
class KeptClient final : public TlsClient::Owner {
 public:
  KeptClient(const Target& target, const std::string& request, Tally& tally)
      : loop_(target.loop), request_(request), tally_(tally), client_(target, *this) {}

  void ConnectAt(Time when) {
    loop_.At(when, [this] { client_.Connect(); });
  }

  // Requests are due at `first` and then at each `period`; zero: each after the last answer.
  void Start(Time first, Clock::duration period) {
    period_ = period;
    loop_.At(first, [this, first] { Due(first); });
  }

  void OnOpen() override {
    is_open_ = true;
    SendNext();
  }
  void OnBytes(std::string_view bytes) override {
    const auto answer = reader_.Feed(bytes);
    if (!answer || !is_waiting_) return;
    tally_.OnAnswer(waiting_since_, *answer);
    is_waiting_ = false;
    const Time now = Clock::now();
    if (period_ == Clock::duration::zero()) return Due(now);
    SendNext();
  }
  // What was due on a connection that is gone is lost: nothing comes back to send it.
  void OnClosed() override { is_open_ = false; }

 private:
  void Due(Time due) {
    if (due >= tally_.end()) return;
    tally_.OnDue(due);
    due_.push_back(due);
    if (period_ > Clock::duration::zero()) {
      const Time next = due + period_;
      loop_.At(next, [this, next] { Due(next); });
    }
    SendNext();
  }

  void SendNext() {
    if (!is_open_ || is_waiting_ || due_.empty()) return;
    waiting_since_ = due_.front();
    due_.pop_front();
    is_waiting_ = true;
    client_.Send(request_);
  }

  EventLoop& loop_;
  const std::string& request_;
  Tally& tally_;
  TlsClient client_;
  AnswerReader reader_;
  Clock::duration period_{};
  std::deque<Time> due_;
  Time waiting_since_;
  bool is_waiting_ = false;
  bool is_open_ = false;
};

}  // namespace

std::string RunKept(const Target& target, const std::string& request, const KeptLoad& load) {
  const Time now = Clock::now();
  const Time start = now + ToDuration(load.warm_up);
  Tally tally(start, start + ToDuration(load.length));
  const auto count = static_cast<double>(load.connections);
  const std::chrono::duration<double> period(load.rate > 0 ? count / load.rate : 0);
  std::vector<std::unique_ptr<KeptClient>> clients;
  for (std::size_t i = 0; i < load.connections; ++i) {
    const double share = static_cast<double>(i) / count;
    auto& client = clients.emplace_back(std::make_unique<KeptClient>(target, request, tally));
    client->ConnectAt(now + ToDuration(load.warm_up * share / 2));
    client->Start(now + ToDuration(load.warm_up / 2 + period * share), ToDuration(period));
  }
  target.loop.Run(tally.end(), [] { return false; });
  target.loop.Run(tally.end() + kGrace, [&tally] { return tally.HasAll(); });
  return tally.ToJson();
}

}  // namespace xzgate::bench
