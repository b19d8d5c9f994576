#include <memory>
#include <vector>

#include "tests/bench/clients.h"
#include "tests/bench/latency.h"

namespace xzgate::bench {
namespace {

constexpr std::chrono::seconds kGrace{10};

// Connects, asks once and leaves.
class FreshClient final : public TlsClient::Owner {
 public:
  FreshClient(const Target& target, const std::string& request, Tally& tally, Time due)
      : request_(request), tally_(tally), due_(due), client_(target, *this) {
    tally_.OnDue(due_);
    client_.Connect();
  }

  void OnOpen() override { client_.Send(request_); }
  void OnBytes(std::string_view bytes) override {
    const auto answer = reader_.Feed(bytes);
    if (!answer) return;
    tally_.OnAnswer(due_, *answer);
    client_.Close();
  }
  void OnClosed() override {}

 private:
  const std::string& request_;
  Tally& tally_;
  const Time due_;
  TlsClient client_;
  AnswerReader reader_;
};

}  // namespace

std::string RunFresh(const Target& target, const std::string& request, const FreshLoad& load) {
  const Time start = Clock::now();
  const auto length = std::chrono::duration_cast<Clock::duration>(load.length);
  const auto period =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / load.rate));
  Tally tally(start, start + length);
  std::vector<std::unique_ptr<FreshClient>> clients;
  for (Time due = start; due < tally.end(); due += period) {
    target.loop.At(due, [&target, &request, &tally, &clients, due] {
      clients.push_back(std::make_unique<FreshClient>(target, request, tally, due));
    });
  }
  target.loop.Run(tally.end(), [] { return false; });
  target.loop.Run(tally.end() + kGrace, [&tally] { return tally.HasAll(); });
  return tally.ToJson();
}

}  // namespace xzgate::bench
