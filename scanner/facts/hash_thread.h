#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/byte_source.h"
#include "base/crypto/digest.h"

namespace xzgate::facts {

// A crypto::Hasher whose work is done on a thread of its own while the caller goes on: hashing
// costs a third of the time that inflating does, and runs beside it for the price of a copy.
// Memory: kSlots pieces of kSlotBytes. What is shorter than one piece is hashed by the caller
// itself, and so is everything if the system gives no thread. The caller is confined to one thread.
class HashThread {
 public:
  static constexpr std::size_t kSlots = 8;
  static constexpr std::size_t kSlotBytes = 256 * 1024;

  explicit HashThread(crypto::Algorithm algorithm);
  ~HashThread();
  HashThread(const HashThread&) = delete;
  HashThread& operator=(const HashThread&) = delete;

  // Blocks while all slots are full.
  void Update(Bytes bytes);

  // Waits for the thread; lower-case hex. The next Update starts afresh.
  std::string FinishHex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::facts
