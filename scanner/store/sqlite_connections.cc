#include "scanner/store/sqlite_connections.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "scanner/store/schema.h"

namespace xzgate::store {
namespace {

// A full check reads the whole file; beyond this size start-up would stall, and damage is found
// when it is met.
constexpr std::int64_t kMaxCheckedBytes = 256LL * 1024 * 1024;
constexpr int kMaxSetAside = 1000;
constexpr int kMaxSalvagedSightings = 10'000;

// Holds an exclusive lock on "<path>.lock" so that two processes do not both set the file aside.
class FileLock {
 public:
  explicit FileLock(const std::string& path)
      : fd_(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ >= 0) ::flock(fd_, LOCK_EX);
  }
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

Result<void> QuickCheck(Database& database, const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0 || info.st_size > kMaxCheckedBytes) return {};
  XZGATE_ASSIGN(Statement check, database.Prepare("PRAGMA quick_check(1)"));
  XZGATE_ASSIGN(const bool row, check.Step());
  if (row && check.Text(0) != "ok") return Integrity("store: " + check.Text(0));
  return {};
}

struct SavedSighting {
  std::string image, workload, reference, name_space;
  std::int64_t at;
};

// What can still be read of the sightings: they say which images to scan first.
std::vector<SavedSighting> Salvage(const std::string& path) {
  std::vector<SavedSighting> saved;
  auto database = Database::Open(path);
  if (!database) return saved;
  auto query = (*database)->Prepare(
      "SELECT image, workload, reference, namespace, at FROM sightings ORDER BY at DESC LIMIT ?");
  if (!query) return saved;
  query->Bind(std::int64_t{kMaxSalvagedSightings});
  while (query->Step().value_or(false)) {
    saved.push_back(
        {query->Text(0), query->Text(1), query->Text(2), query->Text(3), query->Int(4)});
  }
  return saved;
}

void Restore(Database& database, const std::vector<SavedSighting>& saved) {
  auto insert = database.Prepare(
      "INSERT OR IGNORE INTO sightings(image, workload, reference, namespace, at) "
      "VALUES(?,?,?,?,?)");
  if (!insert) return;
  for (const auto& one : saved) {
    insert->Bind(one.image)
        .Bind(one.workload)
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
    XZGATE_RETURN_IF_ERROR(connections->SetAside(opened.error().message()));
  }
  return connections;
}

Result<void> SqliteConnections::OpenBoth() {
  reader_.reset();
  writer_.reset();
  XZGATE_ASSIGN(auto first, Database::Open(path_));
  if (!in_memory_) XZGATE_RETURN_IF_ERROR(QuickCheck(*first, path_));
  XZGATE_RETURN_IF_ERROR(Migrate(*first));
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

Error SqliteConnections::Repair() {
  const std::scoped_lock locks(reader_mutex_, writer_mutex_);
  if (in_memory_) return Error(ErrorCode::kInternal, "store: damaged in memory");
  // Another thread or process may have repaired it already: open what is there, and look for damage
  // again.
  auto opened = OpenBoth();
  if (!opened && opened.error().code() == ErrorCode::kIntegrity)
    opened = SetAside(opened.error().message());
  if (!opened) return Error(ErrorCode::kUnavailable, opened.error().message());
  return Error(ErrorCode::kUnavailable,
               "store " + Quote(path_) + " was exchanged meanwhile; ask again");
}

Result<void> SqliteConnections::SetAside(std::string_view why) {
  const FileLock lock(path_);
  reader_.reset();
  writer_.reset();
  // The other process may have done it while we waited for the lock.
  if (auto opened = OpenBoth(); opened || opened.error().code() != ErrorCode::kIntegrity)
    return opened;
  const auto saved = Salvage(path_);
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
    logger_.Error("store is corrupt: set aside and rebuilt, its images are scanned again",
                  {{"path", path_},
                   {"set_aside", aside},
                   {"why", why},
                   {"sightings_kept", static_cast<std::uint64_t>(saved.size())}});
    XZGATE_RETURN_IF_ERROR(OpenBoth());
    Restore(*writer_, saved);
    return {};
  }
  return Unavailable("store " + Quote(path_) + ": " + std::to_string(kMaxSetAside) +
                     " corrupt files were set aside already");
}

}  // namespace xzgate::store
