#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "scanner/oci/digest.h"

namespace xzgate::worker {

// Makes sure that one layer is read from one host by one thread at a time: a second one waits, and
// then finds the facts in the store. From another host the same layer is read beside it: a slow
// host holds up nobody else's images. Thread-safe.
class LayerFlight {
 public:
  // Held while a layer is looked up and, on a miss, read. Waits for another holder of the same
  // layer and host.
  class Turn {
   public:
    Turn(LayerFlight& flight, std::string host, oci::Digest layer);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    LayerFlight& flight_;
    const std::pair<std::string, oci::Digest> key_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable landed_;
  std::set<std::pair<std::string, oci::Digest>> flying_;  // guarded by mutex_
};

}  // namespace xzgate::worker
