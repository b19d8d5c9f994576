#include "base/http/retry_after.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace xzgate::http {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<unsigned> Number(std::string_view digits, unsigned highest) {
  const auto value = ParseUint(digits);
  if (!value || *value > highest) return std::nullopt;
  return static_cast<unsigned>(*value);
}

}  // namespace

std::optional<WallTime> ParseHttpDate(std::string_view text) {
  // The places of "Tue, 24 Nov 2026 10:00:00 GMT"; the name of the day adds nothing and is not
  // read.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = Number(text.substr(5, 2), 31);
  const auto year = Number(text.substr(12, 4), 9999);
  const auto hour = Number(text.substr(17, 2), 23);
  const auto minute = Number(text.substr(20, 2), 59);
  const auto second = Number(text.substr(23, 2), 60);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(*day));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, WallTime now) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  value = Trim(value);
  const bool digits = !value.empty() && std::all_of(value.begin(), value.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    // A number too big to be read is a long time too.
    constexpr auto kMost = static_cast<std::uint64_t>(seconds(kLongestRetryAfter).count());
    const std::uint64_t count = std::min(ParseUint(value).value_or(kMost), kMost);
    return seconds(static_cast<seconds::rep>(count));
  }
  const auto date = ParseHttpDate(value);
  if (!date) return std::nullopt;
  return std::clamp(*date - now, milliseconds(0), milliseconds(kLongestRetryAfter));
}

}  // namespace xzgate::http
