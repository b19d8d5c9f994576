#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/signature/log_check.h"
#include "scanner/signature/material.h"
#include "scanner/signature/trail.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// What logs and timestamp authorities prove about one signature.
struct Evidence {
  std::set<std::string> logs;          // distinct ones, by id
  std::set<std::string> time_sources;  // distinct authorities, and logs that prove a time
  std::vector<WallTime> times;         // oldest first once all is collected
  // When logs that prove no time were trusted: must cover every time that others prove.
  std::vector<Validity> logs_valid;
};

// Step "log": every entry of a log of `root` must be right; others are passed over. At least
// `threshold` distinct logs are needed (GHSA-9vcr-p3rj-q5q6: logs, never entries). False when the
// trail ended.
bool CheckLogs(const BoundTo& bound, const TrustedRoot& root, std::size_t threshold, Trail& trail,
               Evidence& evidence);

// Step "timestamp": adds the times of RFC 3161; a timestamp that does not hold is no proof and is
// named. At least `threshold` distinct sources are needed, logs with a time among them. Every time
// must lie where the logs of CheckLogs were trusted; `now` where there is none. None may be after
// `now` by more than kMaxAhead, those of logs neither. Where `root` has nobody who could judge a
// timestamp, that is the reason.
bool CheckTimes(const Material& material, const TrustedRoot& root, std::size_t threshold,
                WallTime now, Trail& trail, Evidence& evidence);

}  // namespace xzgate::signature
