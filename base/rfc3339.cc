#include "base/rfc3339.h"

#include <cstddef>
#include <optional>
#include <string>

#include "base/text.h"

namespace xzgate {
namespace {

// Eats a text from its front; once something is not as wanted, nothing is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly so many digits, as a number within the bounds.
  int Number(std::size_t digits, int least, int most) {
    if (failed_ || rest_.size() < digits) return Fail();
    const auto number = ParseUint(rest_.substr(0, digits));
    if (!number) return Fail();
    const int value = static_cast<int>(*number);  // at most four digits
    if (value < least || value > most) return Fail();
    rest_.remove_prefix(digits);
    return value;
  }

  bool Skip(char c) {
    if (failed_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void Want(char c) {
    if (!Skip(c)) Fail();
  }

  // One to nine digits as milliseconds, rounded down.
  std::chrono::milliseconds Fraction() {
    int milliseconds = 0;
    int worth = 100;
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      milliseconds += worth * (rest_[digits] - '0');
      worth /= 10;
      ++digits;
    }
    if (digits == 0 || digits > 9) Fail();
    rest_.remove_prefix(digits);
    return std::chrono::milliseconds(milliseconds);
  }

  // What is to be added to UTC.
  std::chrono::minutes Offset() {
    if (Skip('Z')) return {};
    const bool is_behind = Skip('-');
    if (!is_behind) Want('+');
    const int hours = Number(2, 0, 23);
    Want(':');
    const int minutes = Number(2, 0, 59);
    const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return is_behind ? -offset : offset;
  }

  bool IsDone() const { return !failed_ && rest_.empty(); }

 private:
  int Fail() {
    failed_ = true;
    return 1;
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::optional<WallTime> Read(std::string_view text) {
  Scanner scanner(text);
  const std::chrono::year year(scanner.Number(4, 1, 9999));
  scanner.Want('-');
  const std::chrono::month month(static_cast<unsigned>(scanner.Number(2, 1, 12)));
  scanner.Want('-');
  const std::chrono::day day(static_cast<unsigned>(scanner.Number(2, 1, 31)));
  scanner.Want('T');
  const std::chrono::hours hour(scanner.Number(2, 0, 23));
  scanner.Want(':');
  const std::chrono::minutes minute(scanner.Number(2, 0, 59));
  scanner.Want(':');
  const std::chrono::seconds second(scanner.Number(2, 0, 59));
  std::chrono::milliseconds fraction(0);
  if (scanner.Skip('.')) fraction = scanner.Fraction();
  const std::chrono::minutes offset = scanner.Offset();
  const std::chrono::year_month_day date(year, month, day);
  if (!scanner.IsDone() || !date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + hour + minute + second + fraction - offset;
}

}  // namespace

Result<WallTime> ParseRfc3339(std::string_view text) {
  if (const auto time = Read(text)) return *time;
  return InvalidArgument("time " + Quote(text, 64) +
                         ": want RFC 3339, such as \"2026-11-24T09:51:48Z\"");
}

}  // namespace xzgate
