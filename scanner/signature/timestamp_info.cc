#include "scanner/signature/timestamp_info.h"

#include <openssl/ts.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/crypto/openssl_convert.h"
#include "base/crypto/openssl_error.h"
#include "base/crypto/openssl_ptr.h"
#include "base/text.h"
#include "scanner/signature/timestamp_hash.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kSecondsDigits = 14;  // YYYYMMDDhhmmss
constexpr std::size_t kMaxFractionDigits = 9;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

int Number(std::string_view digits) {
  int out = 0;
  for (const char c : digits) out = out * 10 + (c - '0');
  return out;
}

// Milliseconds of ".5"; absent when it is no fraction.
std::optional<std::chrono::milliseconds> Fraction(std::string_view text) {
  if (text.empty()) return std::chrono::milliseconds(0);
  if (text[0] != '.' || text.size() < 2 || text.size() > 1 + kMaxFractionDigits) return {};
  if (!std::ranges::all_of(text.substr(1), IsDigit)) return {};
  std::string digits(text.substr(1));
  digits.resize(3, '0');
  return std::chrono::milliseconds(Number(digits));
}

}  // namespace

Result<WallTime> ParseGeneralizedTime(std::string_view text) {
  using namespace std::chrono;
  const auto bad = [text] {
    return InvalidArgument("timestamp: time " + Quote(text) + ": want YYYYMMDDhhmmss[.f]Z");
  };
  if (text.size() <= kSecondsDigits || text.back() != 'Z' ||
      !std::ranges::all_of(text.substr(0, kSecondsDigits), IsDigit)) {
    return bad();
  }
  const auto fraction = Fraction(text.substr(kSecondsDigits, text.size() - kSecondsDigits - 1));
  const auto part = [text](std::size_t at, std::size_t size) {
    return Number(text.substr(at, size));
  };
  const year_month_day date(year(part(0, 4)), month(static_cast<unsigned>(part(4, 2))),
                            day(static_cast<unsigned>(part(6, 2))));
  const int hour = part(8, 2);
  const int minute = part(10, 2);
  const int second = part(12, 2);
  if (!fraction || !date.ok() || hour > 23 || minute > 59 || second > 59) return bad();
  return WallTime(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) + *fraction;
}

Result<TimestampInfo> ParseTimestampInfo(std::string_view content) {
  const auto* at = reinterpret_cast<const unsigned char*>(content.data());
  const auto* const end = at + content.size();
  const crypto::TsInfoPtr info(d2i_TS_TST_INFO(nullptr, &at, static_cast<long>(content.size())));
  if (!info || at != end) {
    (void)crypto::DrainOpensslErrors();
    return InvalidArgument("timestamp: the token's content is no TSTInfo");
  }
  const long version = TS_TST_INFO_get_version(info.get());
  if (version != 1) {
    return InvalidArgument("timestamp: version: want 1, found " + std::to_string(version));
  }
  if (TS_TST_INFO_get_ext_by_critical(info.get(), 1, -1) >= 0)
    return Unsupported("timestamp: critical extension");
  TS_MSG_IMPRINT* const imprint = TS_TST_INFO_get_msg_imprint(info.get());
  TimestampInfo out;
  XZGATE_ASSIGN(out.algorithm, AllowedHash(TS_MSG_IMPRINT_get_algo(imprint), "imprint"));
  out.imprint = crypto::TextOf(TS_MSG_IMPRINT_get_msg(imprint));
  if (out.imprint.size() != crypto::DigestSize(out.algorithm)) {
    return InvalidArgument("timestamp: imprint: want " +
                           std::to_string(crypto::DigestSize(out.algorithm)) + " bytes, found " +
                           std::to_string(out.imprint.size()));
  }
  XZGATE_ASSIGN(out.time, ParseGeneralizedTime(crypto::TextOf(TS_TST_INFO_get_time(info.get()))));
  return out;
}

}  // namespace xzgate::signature
