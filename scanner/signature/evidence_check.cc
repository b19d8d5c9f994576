#include "scanner/signature/evidence_check.h"

#include <algorithm>

#include "base/crypto/digest.h"
#include "scanner/signature/timestamp.h"

namespace xzgate::signature {
namespace {

std::string LogText(std::size_t found, std::size_t threshold) {
  const std::string of = found == 1 ? "an entry in 1 trusted log"
                                    : "entries in " + std::to_string(found) + " trusted logs";
  if (found >= threshold) return of;
  return (threshold == 1 ? "want an entry in a trusted log"
                         : "want entries in " + std::to_string(threshold) + " trusted logs") +
         std::string(", found ") + (found == 0 ? "none" : of);
}

// A source is a timestamp authority, or a log that says when it took the entry up (Rekor v1).
std::string TimeText(std::size_t found, std::size_t threshold) {
  const std::string of =
      std::to_string(found) + (found == 1 ? " source of trusted time" : " sources of trusted time");
  if (found >= threshold) return of;
  return "want a trusted time (a timestamp, or a log's own) from " +
         (threshold == 1 ? std::string("a source")
                         : std::to_string(threshold) + " different sources") +
         ", found " + (found == 0 ? "none" : std::to_string(found));
}

std::optional<WallTime> OutsideOfLogs(const Evidence& evidence, WallTime now) {
  const std::vector<WallTime> times =
      evidence.times.empty() ? std::vector<WallTime>{now} : evidence.times;
  for (const Validity& valid : evidence.logs_valid) {
    for (const WallTime time : times) {
      if (!valid.Covers(time)) return time;
    }
  }
  return std::nullopt;
}

}  // namespace

bool CheckLogs(const BoundTo& bound, const TrustedRoot& root, std::size_t threshold, Trail& trail,
               Evidence& evidence) {
  std::size_t unknown = 0;
  for (const LogEntry& entry : bound.material.entries) {
    const auto logged = CheckLogEntry(entry, bound, root);
    if (!logged) return trail.Fail("log", Reason::kLog, logged.error());
    if (!*logged) {
      ++unknown;
      continue;
    }
    evidence.logs.insert((*logged)->log_id);
    if ((*logged)->time) {
      evidence.times.push_back(*(*logged)->time);
      evidence.time_sources.insert("log " + (*logged)->log_id);
    } else {
      evidence.logs_valid.push_back((*logged)->log_valid);
    }
  }
  std::string detail = LogText(evidence.logs.size(), threshold);
  if (unknown > 0)
    detail += "; entries of logs that are not in the trust root: " + std::to_string(unknown);
  if (evidence.logs.size() < threshold) return trail.Fail("log", Reason::kLog, detail);
  return trail.Hold("log", detail);
}

bool CheckTimes(const Material& material, const TrustedRoot& root, std::size_t threshold,
                WallTime now, Trail& trail, Evidence& evidence) {
  std::string why;
  for (const std::string& response : material.timestamps) {
    const auto stamped = CheckTimestamp(response, material.timestamped(), root, now);
    if (!stamped) {
      why += "; " + stamped.error().message();
      continue;
    }
    evidence.times.push_back(stamped->time());
    evidence.time_sources.insert("authority " + stamped->authority());
  }
  std::ranges::sort(evidence.times);
  // That of a log: CheckTimestamp lets none of an authority pass.
  if (!evidence.times.empty() && evidence.times.back() > now + kMaxAhead) {
    return trail.Fail("timestamp", Reason::kLog,
                      "its log took it up at " + ToRfc3339(evidence.times.back()) +
                          ", which is after now, " + ToRfc3339(now));
  }
  std::string detail = TimeText(evidence.time_sources.size(), threshold) + why;
  if (evidence.time_sources.size() < threshold) {
    // Without an authority of timestamps no signature of this kind could have had another outcome.
    const bool has_judge = !root.timestamp_authorities().empty() ||
                           (material.timestamps.empty() && !root.tlogs().empty());
    if (!has_judge) detail += "; " + root.name() + " has no timestamp authority";
    return trail.Fail("timestamp", has_judge ? Reason::kTimestamp : Reason::kTrustRoot, detail);
  }
  if (const auto outside = OutsideOfLogs(evidence, now)) {
    return trail.Fail("timestamp", Reason::kLog,
                      "its log is not trusted for " + ToRfc3339(*outside));
  }
  if (!evidence.times.empty()) detail += "; made by " + ToRfc3339(evidence.times.front());
  return trail.Hold("timestamp", detail);
}

}  // namespace xzgate::signature
