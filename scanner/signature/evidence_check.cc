#include "scanner/signature/evidence_check.h"

#include <algorithm>

#include "base/crypto/digest.h"
#include "scanner/signature/timestamp.h"

namespace xzgate::signature {
namespace {

std::string Needed(std::size_t found, std::size_t threshold, std::string_view what) {
  return std::to_string(found) + " " + std::string(what) + " where " + std::to_string(threshold) +
         (threshold == 1 ? " is" : " are") + " needed";
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
  std::string detail = Needed(evidence.logs.size(), threshold, "trusted logs have it");
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
  std::string detail = Needed(evidence.time_sources.size(), threshold, "trusted times") + why;
  if (evidence.time_sources.size() < threshold)
    return trail.Fail("timestamp", Reason::kTimestamp, detail);
  if (const auto outside = OutsideOfLogs(evidence, now)) {
    return trail.Fail("timestamp", Reason::kLog,
                      "its log is not trusted for " + ToRfc3339(*outside));
  }
  if (!evidence.times.empty()) detail += "; made by " + ToRfc3339(evidence.times.front());
  return trail.Hold("timestamp", detail);
}

}  // namespace xzgate::signature
