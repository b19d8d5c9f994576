#pragma once

#include <string>

#include "webhook/gate/background.h"
#include "webhook/gate/change_watch.h"
#include "webhook/gate/gate.h"
#include "webhook/gate/report_cache.h"
#include "webhook/gate/tag_resolver.h"

namespace xzgate::gate {

// How one request may be served.
struct Terms {
  Deadline deadline = Deadline::Never();
  bool leave_trace = true;  // false for dry run
  WaitPermit& permit;
};

// What is known of one image use, and whether waiting for the scanner may tell more.
struct Found {
  policy::JudgedUse judged;
  bool may_await = false;
};

// Finds out what is known of one image use: reference -> digest -> report, from memory, the store,
// or (in enforce mode) by waiting for the scanner. Thread-safe; borrows everything.
class LookUp {
 public:
  LookUp(registry::ImageSource& source, store::Store& store, std::string rules, const Clock& clock,
         const GateOptions& options);

  // What is known at once, never fails: resolves the tag (which may take a registry call in enforce
  // mode), looks the digest up, and queues a miss. `cache` becomes the slower of itself and what
  // this use cost.
  Found Start(const admission::ImageUse& use, policy::Mode mode, const Terms& terms,
              CacheState& cache);
  // Waits for the report of a use that Start found wanting, until the deadline. All uses of a
  // request are started before the first is waited for.
  void Await(Found& found, const Terms& terms);

  // What is said of a use when nothing can be looked up.
  policy::JudgedUse Shed(const admission::ImageUse& use, const std::string& reason_code,
                         const std::string& why) const;

 private:
  void Pin(policy::JudgedUse& judged, bool may_wait, const Terms& terms, CacheState& cache);
  void Find(Found& found, bool may_wait, const Terms& terms, CacheState& cache);
  void Queue(Found& found, bool may_wait, CacheState& cache);
  // True when the report of the image came, or the queue says why it does not.
  bool TakeAnswer(policy::JudgedUse& judged);
  void StoreFailed(policy::JudgedUse& judged, const Error& error) const;

  store::Store& store_;
  const std::string rules_;
  const Clock& clock_;
  TagResolver tags_;
  ReportCache reports_;
  ChangeWatch changes_;
  Background calls_{Background::AtEnd::kDrop};  // tags that nobody waits for
};

}  // namespace xzgate::gate
