#include "scanner/worker/layer_flight.h"

namespace xzgate::worker {

LayerFlight::Turn::Turn(LayerFlight& flight, std::string host, oci::Digest layer)
    : flight_(flight), key_(std::move(host), std::move(layer)) {
  std::unique_lock lock(flight_.mutex_);
  flight_.landed_.wait(lock, [this] { return !flight_.flying_.contains(key_); });
  flight_.flying_.insert(key_);
}

LayerFlight::Turn::~Turn() {
  {
    const std::lock_guard lock(flight_.mutex_);
    flight_.flying_.erase(key_);
  }
  flight_.landed_.notify_all();
}

}  // namespace xzgate::worker
