#include "tests/bench/latency.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace xzgate::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "content-length:";

std::size_t LengthOf(std::string_view head) {
  for (const std::string_view line : Split(head, '\n')) {  // each ends with '\r'
    if (line.size() < kLength.size() || !EqualsIgnoreCase(line.substr(0, kLength.size()), kLength))
      continue;
    const std::string_view value = line.substr(kLength.size(), line.find('\r') - kLength.size());
    return static_cast<std::size_t>(ParseUint(Trim(value)).value_or(0));
  }
  return 0;
}

}  // namespace

std::optional<AnswerReader::Answer> AnswerReader::Feed(std::string_view bytes) {
  bytes_ += bytes;
  const std::size_t head = bytes_.find(kHeadEnd);
  if (head == bytes_.npos) return std::nullopt;
  const std::size_t start = head + kHeadEnd.size();
  const std::size_t length = LengthOf(std::string_view(bytes_).substr(0, head));
  if (bytes_.size() < start + length) return std::nullopt;
  constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.1 "
  Answer answer{.status = 0, .body = bytes_.substr(start, length)};
  const auto status = ParseUint(std::string_view(bytes_).substr(kStatusAt, 3));
  answer.status = static_cast<int>(status.value_or(0));
  bytes_.erase(0, start + length);
  return answer;
}

bool IsAllowed(const AnswerReader::Answer& answer) {
  return answer.status == 200 && answer.body.find("\"allowed\":true") != answer.body.npos;
}

void Tally::OnAnswer(Time due, const AnswerReader::Answer& answer) {
  if (!Counts(due)) return;
  if (IsAllowed(answer)) {
    took_.push_back(Clock::now() - due);
  } else {
    ++wrong_;
  }
}

double Tally::Percentile(double share) const {
  if (took_.empty()) return 0;
  std::vector<std::chrono::nanoseconds> sorted = took_;
  std::ranges::sort(sorted);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(at, sorted.size() - 1)].count()) * 1e-3;
}

std::string Tally::ToJson() const {
  const std::chrono::duration<double> seconds = end_ - start_;
  return fmt::format(R"({{"expected":{},"answered":{},"wrong":{},"lost":{},"per_second":{:.1f},)"
                     R"("p50_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f},"max_us":{:.1f}}})",
                     expected_, took_.size(), wrong_, expected_ - took_.size() - wrong_,
                     static_cast<double>(took_.size()) / seconds.count(), Percentile(0.5),
                     Percentile(0.99), Percentile(0.999), Percentile(1));
}

std::string MakeRequest(std::string_view body) {
  return fmt::format(
      "POST /validate?timeout=10s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: "
      "kube-apiserver-admission\r\n"
      "Accept: application/json, */*\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n\r\n{}",
      body.size(), body);
}

}  // namespace xzgate::bench
