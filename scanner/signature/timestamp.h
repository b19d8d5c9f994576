#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// Clocks of authorities and logs may be so much ahead of ours.
inline constexpr std::chrono::minutes kMaxAhead{1};

// A time that a trusted authority put to a signature. Only CheckTimestamp makes one.
class TrustedTime {
 public:
  WallTime time() const { return time_; }
  // Who runs it, else its URI: distinct ones are counted.
  const std::string& authority() const { return authority_; }

 private:
  friend Result<TrustedTime> CheckTimestamp(std::string_view response, std::string_view signature,
                                            const TrustedRoot& root, WallTime now);
  TrustedTime(WallTime time, std::string authority);
  WallTime time_;
  std::string authority_;
};

// Checks a DER TimeStampResp over `signature`'s raw bytes (RFC 3161; signatures.md 3.9): granted,
// imprint by SHA-256/384/512, signed by the very leaf of one authority of `root` (CVE-2026-39984)
// whose path and validity hold at genTime, not in the future of `now` by more than a minute. Each
// authority is tried by itself. Errors: kIntegrity, kInvalidArgument, kUnsupported (imprint).
Result<TrustedTime> CheckTimestamp(std::string_view response, std::string_view signature,
                                   const TrustedRoot& root, WallTime now);

}  // namespace xzgate::signature
