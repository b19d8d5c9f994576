#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/event_loop.h"

namespace xzgate::bench {

// An HTTP answer with a Content-Length, put together from the pieces it comes in.
class AnswerReader {
 public:
  struct Answer {
    int status = 0;
    std::string body;
  };

  // The answer that these bytes complete, if they do.
  std::optional<Answer> Feed(std::string_view bytes);

 private:
  std::string bytes_;
};

// Whether this is the answer that every request of a measurement must get.
bool IsAllowed(const AnswerReader::Answer& answer);

// What became of the requests of one measurement. Confined to one thread.
class Tally {
 public:
  Tally(Time start, Time end) : start_(start), end_(end) {}

  Time start() const { return start_; }
  Time end() const { return end_; }
  bool Counts(Time due) const { return due >= start_ && due < end_; }

  void OnDue(Time due) { expected_ += Counts(due) ? 1 : 0; }
  void OnAnswer(Time due, const AnswerReader::Answer& answer);
  bool HasAll() const { return took_.size() + wrong_ == expected_; }

  // As a JSON object: expected, answered, wrong, lost, per_second, p50_us, p99_us, p999_us, max_us.
  std::string ToJson() const;

 private:
  double Percentile(double share) const;

  const Time start_;
  const Time end_;
  std::uint64_t expected_ = 0;
  std::uint64_t wrong_ = 0;
  std::vector<std::chrono::nanoseconds> took_;
};

// The bytes of a POST /validate with this body, as an API server sends it.
std::string MakeRequest(std::string_view body);

}  // namespace xzgate::bench
