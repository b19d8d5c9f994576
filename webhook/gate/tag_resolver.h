#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "scanner/registry/image_source.h"
#include "scanner/store/store.h"

namespace xzgate::gate {

// What a registry call for one tag came to: set once, looked at by many. Thread-safe.
class TagAnswer {
 public:
  // Absent while the call is under way.
  std::optional<Result<oci::Digest>> Get() const;
  void Set(Result<oci::Digest> digest) noexcept;

 private:
  mutable std::mutex mutex_;
  std::optional<Result<oci::Digest>> digest_;  // guarded by mutex_
};

// Turns a tag into a digest, asking the registry once in a tag's life however many requests ask:
// from memory, then the store, then one call that all askers of the moment share. Thread-safe;
// borrows everything, and outlives its calls.
class TagResolver {
 public:
  static constexpr std::size_t kMaxTags = 20'000;  // in memory; beyond, all are forgotten
  // Who joined a call that ran out of its asker's time asks anew if this much of its own is left.
  static constexpr std::chrono::milliseconds kLeastCall{100};

  // The duty to ask the registry for one tag, which others may have joined. One that is given up
  // (an exception, the end of the process) lands as kInternal, so that nobody waits for it. A
  // resource that may be moved; confined to one thread at a time.
  class Call {
   public:
    Call(Call&& other) noexcept;
    Call& operator=(Call&&) = delete;
    ~Call();

    // Asks, at most once; blocks until `deadline`. The answer is for everybody who joined.
    void Make(Deadline deadline);

   private:
    friend class TagResolver;
    Call(TagResolver& resolver, const oci::Reference& reference);
    void Drop() { resolver_ = nullptr; }  // nobody joined: there is nothing to land

    TagResolver* resolver_;  // null: landed, dropped or moved away
    oci::Reference reference_;
    std::shared_ptr<TagAnswer> answer_;
    Error given_up_;  // made beforehand: memory may be what ran out
  };

  // A place in the call for a tag: `answer` will have its end; with `call` it is ours to make.
  struct Seat {
    std::shared_ptr<const TagAnswer> answer;
    std::optional<Call> call;
  };

  // Believes a tag for `life`. `on_landing` is called after each call has its answer, by the thread
  // that made it and without a lock.
  TagResolver(registry::ImageSource& source, store::Store& store, const Clock& clock,
              std::chrono::milliseconds life, std::function<void()> on_landing);

  // What is known without a call; absent when there is nothing or it is too old.
  std::optional<oci::Digest> FindKnown(const oci::Reference& reference);

  // The call that somebody makes for this tag now; null when nobody does. Where anybody who takes
  // part wants to `leave_trace`, the answer goes to the store.
  std::shared_ptr<const TagAnswer> Join(const oci::Reference& reference, bool leave_trace);

  // The same, and where nobody calls the call is the caller's to make. A tag that became known
  // meanwhile has its answer at once.
  Seat Board(const oci::Reference& reference, bool leave_trace);

  // Whether who joined a call that came to `error` should ask anew: the asker's time ran out, not
  // its own.
  bool IsWorthAsking(const Error& error, Deadline deadline) const;

  // Asks the registry, or joins who asks already. Blocks until `deadline`. Errors: those of
  // ImageSource::Resolve; kDeadlineExceeded, never for an asker who had less time than this one.
  Result<oci::Digest> Resolve(const oci::Reference& reference, Deadline deadline, bool leave_trace);

 private:
  struct Known {
    oci::Digest digest;
    SteadyTime expires;
  };
  struct Flight {
    std::shared_ptr<TagAnswer> answer;
    bool leave_trace = false;
  };

  const Known* FindInMemory(const oci::Reference& reference) const;
  void Remember(const oci::Reference& reference, const oci::Digest& digest);
  bool WaitFor(const TagAnswer& answer, Deadline deadline);
  bool Land(const Call& call, Result<oci::Digest> digest);

  registry::ImageSource& source_;
  store::Store& store_;
  const Clock& clock_;
  const std::chrono::milliseconds life_;
  const std::function<void()> on_landing_;
  std::mutex mutex_;
  std::condition_variable landed_;
  std::map<oci::Reference, Known> known_;    // guarded by mutex_
  std::map<oci::Reference, Flight> flying_;  // guarded by mutex_; each has one Call
};

}  // namespace xzgate::gate
