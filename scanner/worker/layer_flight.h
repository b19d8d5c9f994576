#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace xzgate::worker {

// Makes sure that one layer is read by one thread at a time: a second one waits, and then finds the
// facts in the store. Thread-safe.
class LayerFlight {
 public:
  // Held while a layer is looked up and, on a miss, read. Waits for another holder of the same
  // digest.
  class Turn {
   public:
    Turn(LayerFlight& flight, std::string digest);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    LayerFlight& flight_;
    const std::string digest_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable landed_;
  std::set<std::string, std::less<>> flying_;  // guarded by mutex_
};

}  // namespace xzgate::worker
