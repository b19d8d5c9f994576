#include "base/http/limiting_transport.h"

#include <cassert>
#include <utility>

namespace xzgate::http {

bool LimitingTransport::Slots::Acquire(const Origin& origin, bool urgent, Deadline deadline,
                                       const Clock& clock) {
  const int limit = urgent ? options_.per_origin : options_.per_origin - options_.reserve;
  std::unique_lock lock(mutex_);
  Use& use = uses_[origin];  // stays while waiting is not 0
  ++use.waiting;
  bool free = use.open < limit;
  while (!free && !deadline.HasPassed(clock.Now())) {
    released_.wait_for(lock, deadline.Remaining(clock.Now()));
    free = use.open < limit;
  }
  --use.waiting;
  if (free) ++use.open;
  if (use.open == 0 && use.waiting == 0) uses_.erase(origin);
  return free;
}

void LimitingTransport::Slots::Release(const Origin& origin) {
  const std::lock_guard lock(mutex_);
  const auto found = uses_.find(origin);
  --found->second.open;
  if (found->second.open == 0 && found->second.waiting == 0) uses_.erase(found);
  released_.notify_all();
}

// One open request. Gives its slot back when destroyed.
struct LimitingTransport::Slot {
  Slot(std::shared_ptr<Slots> from, Origin at) : slots(std::move(from)), origin(std::move(at)) {}
  ~Slot() { slots->Release(origin); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  std::shared_ptr<Slots> slots;
  Origin origin;
};

class LimitingTransport::SlotBody final : public ByteSource {
 public:
  SlotBody(std::unique_ptr<Slot> slot, std::unique_ptr<ByteSource> body)
      : slot_(std::move(slot)), body_(std::move(body)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override { return body_->Read(into); }

 private:
  std::unique_ptr<Slot> slot_;  // before body_: given back after the connection is closed
  std::unique_ptr<ByteSource> body_;
};

LimitingTransport::LimitingTransport(Transport& inner, const Clock& clock, LimitOptions options)
    : inner_(inner), clock_(clock), options_(options), slots_(std::make_shared<Slots>(options)) {
  assert(options.reserve >= 0 && options.reserve < options.per_origin);
}

Result<Response> LimitingTransport::Send(const Request& request) {
  const Origin& origin = request.url.origin();
  if (!slots_->Acquire(origin, request.urgent, request.deadline, clock_)) {
    return DeadlineExceeded(std::string(ToString(request.method)) + " " + request.url.ToRedacted() +
                            ": out of time while waiting for one of " +
                            std::to_string(options_.per_origin) + " connections to the host");
  }
  auto slot = std::make_unique<Slot>(slots_, origin);
  XZGATE_ASSIGN(Response response, inner_.Send(request));
  response.body = std::make_unique<SlotBody>(std::move(slot), std::move(response.body));
  return response;
}

}  // namespace xzgate::http
