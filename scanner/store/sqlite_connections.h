#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/log/logger.h"
#include "base/result.h"
#include "scanner/store/sqlite_database.h"
#include "scanner/store/timed_lock.h"

namespace xzgate::store {

// The connections to one store file: one that reads and one that writes, so that a writer waiting
// for the file's lock never holds up a look-up (WAL). Notices when another process exchanged the
// file, and exchanges it itself when it is corrupt. Thread-safe.
class SqliteConnections {
 public:
  // `path` may be ":memory:": then one connection does both. Errors: kUnavailable, kUnsupported (a
  // newer schema).
  static Result<std::unique_ptr<SqliteConnections>> Open(const std::string& path,
                                                         log::Logger& logger);

  // Runs `work(Database&)`, which returns some Result, under the connection's lock. Errors besides
  // those of `work`: kUnavailable when the lock is not free within kPatience (somebody repairs the
  // file). A corrupt file is set aside meanwhile, and the call fails with kUnavailable.
  template <typename Work>
  auto Read(Work work) {
    return Run(reader_lock_, false, std::move(work));
  }
  template <typename Work>
  auto Write(Work work) {
    return Run(in_memory_ ? reader_lock_ : writer_lock_, true, std::move(work));
  }

  // Why the last write failed, "" when it did not.
  std::string WriteProblem();

  // "" for a store in memory.
  std::string path() const { return in_memory_ ? "" : path_; }

 private:
  // What store.h promises of every lock.
  static constexpr std::chrono::milliseconds kPatience{250};

  SqliteConnections(std::string path, log::Logger& logger);

  template <typename Work>
  auto Run(TimedLock& lock, bool writing, Work work) -> decltype(work(std::declval<Database&>())) {
    std::uint64_t seen = 0;
    {
      const TimedLock::Hold hold(lock, kPatience);
      if (!hold.held()) return std::unexpected(Busy());
      if (Database* database = Current(writing)) {
        auto result = work(*database);
        if (writing) RememberWrite(result ? nullptr : &result.error());
        if (result || result.error().code() != ErrorCode::kIntegrity) return result;
      }
      seen = generation_;
    }
    return std::unexpected(Repair(seen));
  }

  Error Busy() const;
  void RememberWrite(const Error* error);
  // The connection, null when the file is gone, was exchanged, or could not be opened last time.
  Database* Current(bool writing);
  // Opens what is there, or sets a corrupt file aside and starts a new one, unless somebody did so
  // after generation `seen`. Returns the error for the call that met the trouble.
  Error Repair(std::uint64_t seen);
  Result<void> OpenBoth();
  Result<void> SetAside(std::string_view why, std::chrono::milliseconds patience);
  // Moves the file and its journals to the first free name, and returns that.
  Result<std::string> Rename();
  bool IsSameFile() const;

  const std::string path_;
  const bool in_memory_;
  log::Logger& logger_;
  // Both are taken, reader first, to exchange connections; each alone guards the use of its own.
  TimedLock reader_lock_;
  TimedLock writer_lock_;
  std::uint64_t generation_ = 0;  // counts exchanges
  std::unique_ptr<Database> reader_;
  std::unique_ptr<Database> writer_;
  std::mutex problem_mutex_;
  std::string write_problem_;  // guarded by problem_mutex_
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace xzgate::store
