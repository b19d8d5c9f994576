#include "scanner/worker/layer_flight.h"

namespace xzgate::worker {

LayerFlight::Turn::Turn(LayerFlight& flight, std::string digest)
    : flight_(flight), digest_(std::move(digest)) {
  std::unique_lock lock(flight_.mutex_);
  flight_.landed_.wait(lock, [this] { return !flight_.flying_.contains(digest_); });
  flight_.flying_.insert(digest_);
}

LayerFlight::Turn::~Turn() {
  {
    const std::lock_guard lock(flight_.mutex_);
    flight_.flying_.erase(digest_);
  }
  flight_.landed_.notify_all();
}

}  // namespace xzgate::worker
