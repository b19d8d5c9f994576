#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/oci/reference.h"
#include "scanner/rules/report.h"
#include "scanner/signature/reason.h"

namespace xzgate::store {

// What the queue of a Store holds and says. All of these are values.

// Who asked for a scan, most urgent first. Admission misses go before everything.
enum class Priority : std::uint8_t { kAdmission = 0, kWatched = 1, kRepository = 2, kRescan = 3 };

struct Job {
  std::int64_t id = 0;
  oci::PinnedReference image;
  Priority priority = Priority::kRepository;
  int attempts = 0;  // answers that failed by the image's own fault
  int crashes = 0;   // leases that ended without an answer
};

// Which jobs a worker takes.
struct LeaseFilter {
  std::vector<std::string> skip_hosts = {};   // registries that are passed over
  Priority least_urgent = Priority::kRescan;  // nothing less urgent than this
};

struct QueueStats {
  std::uint64_t ready = 0;    // may be leased now
  std::uint64_t waiting = 0;  // parked until their not-before
  std::uint64_t leased = 0;
  std::uint64_t dead = 0;          // dead letters
  std::optional<WallTime> oldest;  // when the oldest ready job was queued
};

// Why an attempt did not answer.
struct Failure {
  std::string why;  // shown to who waits for it
  rules::Cause cause = rules::Cause::kUnreachable;
  // Why the signatures could not be judged, where that failed and not the scan.
  signature::Reason signature = signature::Reason::kNone;
};

// What became of an attempt that did not answer.
struct Postponement {
  WallTime not_before;
  bool costs_attempt = false;  // 429, 5xx and 401 cost none
  std::string why;             // these three as Failure
  rules::Cause cause = rules::Cause::kUnreachable;
  signature::Reason signature = signature::Reason::kNone;
};

// What is known of a queued image, for the message of a denial.
struct JobState {
  std::string image;  // as whose it is tried: one of the repositories that asked for the digest
  bool leased = false;
  bool dead = false;
  std::string why;  // why it was postponed or given up, "" if it was not
  // What `why` makes of the image; pending without one.
  rules::Cause cause = rules::Cause::kPending;
  signature::Reason signature = signature::Reason::kNone;  // as Failure
  std::optional<WallTime> not_before;
};

}  // namespace xzgate::store
