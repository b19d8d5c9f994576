#include "scanner/store/sqlite_connections.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "scanner/store/file_lock.h"
#include "scanner/store/schema.h"

namespace xzgate::store {
namespace {

// A full check reads the whole file; beyond this size start-up would stall, and damage is found
// when it is met.
constexpr std::int64_t kMaxCheckedBytes = 256LL * 1024 * 1024;
constexpr int kMaxSetAside = 1000;
constexpr int kMaxSalvagedSightings = 10'000;
// A process that starts waits for another that repairs the file; a call does not.
constexpr std::chrono::milliseconds kStartPatience{60'000};

Result<void> QuickCheck(Database& database, const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0 || info.st_size > kMaxCheckedBytes) return {};
  XZGATE_ASSIGN(Statement check, database.Prepare("PRAGMA quick_check(1)"));
  XZGATE_ASSIGN(const bool row, check.Step());
  if (row && check.Text(0) != "ok") return Integrity("store: " + check.Text(0));
  return {};
}

// Whether the tables are there: a schema version alone promises nothing.
Result<void> CheckTables(Database& database) {
  for (const std::string table :
       {"layers", "documents", "reports", "tags", "jobs", "sightings", "signatures", "listings"}) {
    XZGATE_ASSIGN(Statement query, database.Prepare("SELECT 1 FROM " + table + " LIMIT 1"));
    XZGATE_RETURN_IF_ERROR(query.Run());
  }
  return {};
}

struct SavedSighting {
  std::string image, workload, digest, reference, name_space;
  std::int64_t at;
};

// What can still be read of the sightings: they say which images to scan first.
std::vector<SavedSighting> Salvage(const std::string& path) {
  std::vector<SavedSighting> saved;
  auto database = Database::Open(path);
  if (!database) return saved;
  auto query = (*database)->Prepare(
      "SELECT image, workload, digest, reference, namespace, at FROM sightings ORDER BY at DESC "
      "LIMIT ?");
  if (!query) return saved;
  query->Bind(std::int64_t{kMaxSalvagedSightings});
  while (query->Step().value_or(false)) {
    saved.push_back({query->Text(0), query->Text(1), query->Text(2), query->Text(3), query->Text(4),
                     query->Int(5)});
  }
  return saved;
}

void Restore(Database& database, const std::vector<SavedSighting>& saved) {
  auto insert = database.Prepare(
      "INSERT OR IGNORE INTO sightings(image, workload, digest, reference, namespace, at) "
      "VALUES(?,?,?,?,?,?)");
  if (!insert) return;
  for (const auto& one : saved) {
    insert->Bind(one.image)
        .Bind(one.workload)
        .Bind(one.digest)
        .Bind(one.reference)
        .Bind(one.name_space)
        .Bind(one.at);
    if (!insert->Run()) return;
  }
}

}  // namespace

SqliteConnections::SqliteConnections(std::string path, log::Logger& logger)
    : path_(std::move(path)), in_memory_(path_ == ":memory:"), logger_(logger) {}

Result<std::unique_ptr<SqliteConnections>> SqliteConnections::Open(const std::string& path,
                                                                   log::Logger& logger) {
  std::unique_ptr<SqliteConnections> connections(new SqliteConnections(path, logger));
  if (auto opened = connections->OpenBoth(); !opened) {
    if (opened.error().code() != ErrorCode::kIntegrity) return std::unexpected(opened.error());
    XZGATE_RETURN_IF_ERROR(connections->SetAside(opened.error().message(), kStartPatience));
  }
  return connections;
}

Result<void> SqliteConnections::OpenBoth() {
  reader_.reset();
  writer_.reset();
  XZGATE_ASSIGN(auto first, Database::Open(path_));
  if (!in_memory_) XZGATE_RETURN_IF_ERROR(QuickCheck(*first, path_));
  XZGATE_RETURN_IF_ERROR(Migrate(*first));
  XZGATE_RETURN_IF_ERROR(CheckTables(*first));
  if (!in_memory_) {
    struct stat info = {};
    if (::stat(path_.c_str(), &info) != 0) {
      return Unavailable("store " + Quote(path_) + ": " + std::strerror(errno));
    }
    device_ = info.st_dev;
    inode_ = info.st_ino;
    XZGATE_ASSIGN(writer_, Database::Open(path_));
  }
  reader_ = std::move(first);
  return {};
}

bool SqliteConnections::IsSameFile() const {
  struct stat info = {};
  return ::stat(path_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

Database* SqliteConnections::Current(bool writing) {
  if (in_memory_) return reader_.get();
  if (!IsSameFile()) return nullptr;
  return writing ? writer_.get() : reader_.get();
}

Error SqliteConnections::Busy() const {
  return Error(ErrorCode::kUnavailable, "store " + Quote(path_) + " is busy or being repaired");
}

std::string SqliteConnections::WriteProblem() {
  const std::lock_guard lock(problem_mutex_);
  return write_problem_;
}

// Only what the disk says: that somebody else holds a job is no trouble of the store.
void SqliteConnections::RememberWrite(const Error* error) {
  const std::lock_guard lock(problem_mutex_);
  if (error == nullptr) {
    write_problem_.clear();
  } else if (error->code() == ErrorCode::kUnavailable) {
    write_problem_ = error->message();
  }
}

Error SqliteConnections::Repair(std::uint64_t seen) {
  if (in_memory_) return Error(ErrorCode::kInternal, "store: damaged in memory");
  const TimedLock::Hold reader(reader_lock_, kPatience);
  const TimedLock::Hold writer(writer_lock_, kPatience);
  if (!reader.held() || !writer.held()) return Busy();
  const Error exchanged(ErrorCode::kUnavailable,
                        "store " + Quote(path_) + " was exchanged meanwhile; ask again");
  if (seen != generation_) return exchanged;
  // Another process may have repaired it already: open what is there, and look for damage again.
  auto opened = OpenBoth();
  if (!opened && opened.error().code() == ErrorCode::kIntegrity)
    opened = SetAside(opened.error().message(), kPatience);
  if (!opened) return Error(ErrorCode::kUnavailable, opened.error().message());
  ++generation_;
  return exchanged;
}

Result<void> SqliteConnections::SetAside(std::string_view why, std::chrono::milliseconds patience) {
  auto lock = FileLock::Take(path_ + ".lock", patience);
  if (!lock) return Unavailable(lock.error().message());
  // The other process may have done it while we waited for the lock.
  auto opened = OpenBoth();
  if (opened || opened.error().code() != ErrorCode::kIntegrity) return opened;
  const auto saved = Salvage(path_);
  XZGATE_ASSIGN(const std::string aside, Rename());
  logger_.Error("store is corrupt: set aside and rebuilt, its images are scanned again",
                {{"path", path_},
                 {"set_aside", aside},
                 {"why", why},
                 {"sightings_kept", static_cast<std::uint64_t>(saved.size())}});
  XZGATE_RETURN_IF_ERROR(OpenBoth());
  Restore(*writer_, saved);
  return {};
}

Result<std::string> SqliteConnections::Rename() {
  reader_.reset();
  writer_.reset();
  for (int number = 1; number <= kMaxSetAside; ++number) {
    const std::string aside = path_ + ".corrupt-" + std::to_string(number);
    if (::access(aside.c_str(), F_OK) == 0) continue;
    if (::rename(path_.c_str(), aside.c_str()) != 0) {
      return Unavailable("store " + Quote(path_) +
                         " is corrupt and cannot be set aside: " + std::strerror(errno));
    }
    // Left-over journals belong to the old file.
    ::rename((path_ + "-wal").c_str(), (aside + "-wal").c_str());
    ::rename((path_ + "-shm").c_str(), (aside + "-shm").c_str());
    return aside;
  }
  return Unavailable("store " + Quote(path_) + ": " + std::to_string(kMaxSetAside) +
                     " corrupt files were set aside already");
}

}  // namespace xzgate::store
