#include "scanner/facts/hash_thread.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace xzgate::facts {

// The slots are a ring: the caller fills the slot behind the last full one, the thread empties the
// first full one. `hasher` belongs to the thread while a slot is full and to the caller while none
// is.
struct HashThread::State {
  explicit State(crypto::Algorithm algorithm) : hasher(algorithm) {}

  void Run();
  void Push();
  void WaitUntilEmpty();
  bool Start();

  crypto::Hasher hasher;
  std::array<std::vector<std::uint8_t>, kSlots> slots;
  std::size_t filling = 0;  // the caller's slot

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::size_t full = 0;
  bool is_over = false;

  std::thread thread;
  bool has_no_thread = false;
};

HashThread::HashThread(crypto::Algorithm algorithm) : state_(std::make_unique<State>(algorithm)) {}

HashThread::~HashThread() {
  if (!state_->thread.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_over = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

void HashThread::Update(Bytes bytes) {
  State& state = *state_;
  while (!bytes.empty()) {
    std::vector<std::uint8_t>& slot = state.slots[state.filling];
    const Bytes part = bytes.first(std::min(bytes.size(), kSlotBytes - slot.size()));
    slot.insert(slot.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (slot.size() == kSlotBytes) state.Push();
  }
}

std::string HashThread::FinishHex() {
  State& state = *state_;
  state.WaitUntilEmpty();
  state.hasher.Update(state.slots[state.filling]);
  state.slots[state.filling].clear();
  return state.hasher.FinishHex();
}

// Starts with the first full slot, so that a hasher of small things costs no thread.
bool HashThread::State::Start() {
  if (thread.joinable()) return true;
  if (has_no_thread) return false;
  try {
    thread = std::thread([this] { Run(); });
  } catch (const std::system_error&) {  // the only way that std::thread tells
    has_no_thread = true;
  }
  return !has_no_thread;
}

void HashThread::State::Push() {
  if (!Start()) {
    hasher.Update(slots[filling]);
    slots[filling].clear();
    return;
  }
  std::unique_lock lock(mutex);
  ++full;
  lock.unlock();
  changed.notify_all();
  lock.lock();
  filling = (filling + 1) % kSlots;
  changed.wait(lock, [this] { return full < kSlots; });
}

void HashThread::State::WaitUntilEmpty() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return full == 0; });
}

void HashThread::State::Run() {
  std::size_t first = 0;
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [this] { return full > 0 || is_over; });
    if (is_over) return;
    lock.unlock();
    hasher.Update(slots[first]);
    slots[first].clear();
    first = (first + 1) % kSlots;
    lock.lock();
    --full;
    changed.notify_all();
  }
}

}  // namespace xzgate::facts
