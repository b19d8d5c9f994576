#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/http/transport.h"

namespace xzgate::http {

struct LimitOptions {
  int per_origin = 4;  // hardening.md 8.3; requests and bodies that are open at once
  // Of these, kept for requests with Request::urgent: from 0 to below `per_origin`, since the
  // others would wait for ever without a slot.
  int reserve = 1;
};

// Holds back requests so that no origin sees more than its share at once. Send waits for a slot
// until the deadline; the answer's body keeps the slot until it is destroyed. Thread-safe if
// `inner` is; `inner` and `clock` must outlive it, a body need not be gone before.
//
// Further errors of Send: kDeadlineExceeded when no slot became free in time.
class LimitingTransport final : public Transport {
 public:
  LimitingTransport(Transport& inner, const Clock& clock, LimitOptions options = {});
  Result<Response> Send(const Request& request) override;

 private:
  // The slots of all origins. Thread-safe.
  class Slots {
   public:
    explicit Slots(LimitOptions options) : options_(options) {}
    // False when the deadline came first.
    bool Acquire(const Origin& origin, bool urgent, Deadline deadline, const Clock& clock);
    void Release(const Origin& origin);

   private:
    struct Use {
      int open = 0;
      int waiting = 0;
    };
    const LimitOptions options_;
    std::mutex mutex_;  // guards uses_
    std::condition_variable released_;
    std::map<Origin, Use> uses_;  // only origins in use or waited for
  };
  struct Slot;
  class SlotBody;

  Transport& inner_;
  const Clock& clock_;
  const LimitOptions options_;
  std::shared_ptr<Slots> slots_;  // shared with the bodies, which may live longer
};

}  // namespace xzgate::http
