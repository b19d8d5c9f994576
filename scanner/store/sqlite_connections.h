#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log/logger.h"
#include "base/result.h"
#include "scanner/store/sqlite_database.h"

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

  // Runs `work(Database&)`, which returns some Result, under the connection's lock. A corrupt file
  // is set aside meanwhile, and the call fails with kUnavailable.
  template <typename Work>
  auto Read(Work work) {
    return Run(reader_mutex_, false, std::move(work));
  }
  template <typename Work>
  auto Write(Work work) {
    return Run(in_memory_ ? reader_mutex_ : writer_mutex_, true, std::move(work));
  }

 private:
  SqliteConnections(std::string path, log::Logger& logger);

  template <typename Work>
  auto Run(std::mutex& mutex, bool writing, Work work)
      -> decltype(work(std::declval<Database&>())) {
    {
      const std::lock_guard lock(mutex);
      if (Database* database = Current(writing)) {
        auto result = work(*database);
        if (result || result.error().code() != ErrorCode::kIntegrity) return result;
      }
    }
    return std::unexpected(Repair());
  }

  // The connection, null when the file is gone, was exchanged, or could not be opened last time.
  Database* Current(bool writing);
  // Opens what is there, or sets a corrupt file aside and starts a new one. Returns the error for
  // the call that met the trouble.
  Error Repair();
  Result<void> OpenBoth();
  Result<void> SetAside(std::string_view why);
  bool IsSameFile() const;

  const std::string path_;
  const bool in_memory_;
  log::Logger& logger_;
  // Both are taken, reader first, to exchange connections; each alone guards the use of its own.
  std::mutex reader_mutex_;
  std::mutex writer_mutex_;
  std::unique_ptr<Database> reader_;
  std::unique_ptr<Database> writer_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace xzgate::store
