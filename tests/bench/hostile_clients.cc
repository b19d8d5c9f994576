#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <vector>

#include "tests/bench/clients.h"
#include "tests/bench/latency.h"

namespace xzgate::bench {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::size_t kUnitBytes = 64 * 1024;

// What one connection sends: a head, then a unit again and again.
struct Shape {
  std::string_view name;
  std::string_view head;  // behind the request line and Host
  std::string_view unit;  // repeated to kUnitBytes where it is shorter
  std::uint64_t bytes;    // of units
};

// The probes of hardening.md 2.6, and bodies at the limit that lack their last byte: the most that
// the server may be made to hold.
constexpr std::array kShapes = {
    Shape{"header-line", "X-Long: ", "a", 128 * kMiB},
    Shape{"headers", "", "a: b\r\n", 32 * kMiB},
    Shape{"chunked", "Transfer-Encoding: chunked\r\n\r\n", "10\r\n0123456789abcdef\r\n",
          128 * kMiB},
    Shape{"gzip", "Content-Encoding: gzip\r\nContent-Length: 131072\r\n\r\n", "\x1f\x8b\x08",
          131072},
    Shape{"long-body", "Content-Length: 134217728\r\n\r\n", " ", 128 * kMiB},
    Shape{"held-body", "Content-Type: application/json\r\nContent-Length: 7340032\r\n\r\n", " ",
          7 * kMiB - 1},
};

std::string UnitOf(const Shape& shape) {
  std::string unit;
  while (unit.size() < kUnitBytes) unit += shape.unit;
  return unit;
}

class HostileClient final : public TlsClient::Owner {
 public:
  HostileClient(const Target& target, const Shape& shape, const std::string& unit)
      : shape_(shape), unit_(unit), client_(target, *this) {
    client_.Connect();
  }

  void OnOpen() override {
    was_open_ = true;
    client_.Send(fmt::format("POST /validate HTTP/1.1\r\nHost: localhost\r\n{}", shape_.head));
  }
  void OnSent() override {
    const std::uint64_t count = std::min<std::uint64_t>(unit_.size(), shape_.bytes - sent_);
    if (count == 0 || status_ != 0) return;
    sent_ += count;
    client_.Send(std::string_view(unit_).substr(0, static_cast<std::size_t>(count)));
  }
  void OnBytes(std::string_view bytes) override {
    const auto answer = reader_.Feed(bytes);
    if (answer && status_ == 0) status_ = answer->status;
  }
  void OnClosed() override { is_over_ = true; }

  bool is_over() const { return is_over_; }
  std::uint64_t sent() const { return sent_; }
  std::string Fate() const {
    if (status_ != 0) return std::to_string(status_);
    return was_open_ ? "cut" : "refused";
  }

 private:
  const Shape& shape_;
  const std::string& unit_;
  TlsClient client_;
  AnswerReader reader_;
  std::uint64_t sent_ = 0;
  int status_ = 0;
  bool was_open_ = false;
  bool is_over_ = false;
};

}  // namespace

std::string HostileShapes() {
  std::string names;
  for (const Shape& shape : kShapes) names += (names.empty() ? "" : ", ") + std::string(shape.name);
  return names;
}

std::string RunHostile(const Target& target, const HostileLoad& load) {
  const auto shape = std::ranges::find(kShapes, load.shape, &Shape::name);
  if (shape == kShapes.end()) return "{}";
  const std::string unit = UnitOf(*shape);
  std::vector<std::unique_ptr<HostileClient>> clients;
  for (std::size_t i = 0; i < load.connections; ++i)
    clients.push_back(std::make_unique<HostileClient>(target, *shape, unit));
  const Time end = Clock::now() + std::chrono::duration_cast<Clock::duration>(load.longest);
  target.loop.Run(end, [&clients] {
    return std::ranges::all_of(clients, [](const auto& client) { return client->is_over(); });
  });
  std::map<std::string, int> fates;
  std::uint64_t sent = 0;
  for (const auto& client : clients) {
    ++fates[client->is_over() ? client->Fate() : "still open"];
    sent += client->sent();
  }
  std::string list;
  for (const auto& [fate, count] : fates)
    list += fmt::format(R"({}"{}":{})", list.empty() ? "" : ",", fate, count);
  return fmt::format(R"({{"fates":{{{}}},"sent":{}}})", list, sent);
}

}  // namespace xzgate::bench
