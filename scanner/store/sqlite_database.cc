#include "scanner/store/sqlite_database.h"

#include <sqlite3.h>

#include <filesystem>
#include <utility>

#include "base/text.h"

namespace xzgate::store {
namespace {

constexpr int kBusyMilliseconds = 250;

std::unexpected<Error> ToError(sqlite3* database, int code) {
  const std::string message =
      std::string("store: ") +
      (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  // A journal or file that ends too early is damage, as is a file of this version without its
  // tables; what else the disk refuses may pass.
  const int extended = database != nullptr ? sqlite3_extended_errcode(database) : code;
  if (extended == SQLITE_IOERR_SHORT_READ) return Integrity(message);
  if (code == SQLITE_ERROR && message.find("no such table") != message.npos)
    return Integrity(message);
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return Unavailable(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Integrity(message);
    default:
      return Internal(message);
  }
}

}  // namespace

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      next_parameter_(other.next_parameter_) {}

Statement& Statement::Bind(std::int64_t value) {
  sqlite3_bind_int64(handle_, next_parameter_++, value);
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  sqlite3_bind_text64(handle_, next_parameter_++, text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  sqlite3_bind_blob64(handle_, next_parameter_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    Reset();
    return false;
  }
  auto error = ToError(database_, code);
  Reset();
  return error;
}

Result<void> Statement::Run() {
  XZGATE_ASSIGN(const bool row, Step());
  if (row) Reset();
  return {};
}

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::Text(int column) const {
  const void* bytes = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

void Statement::Reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  next_parameter_ = 1;
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    auto error = ToError(handle, code);
    sqlite3_close(handle);
    const auto folder = std::filesystem::path(path).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !std::filesystem::exists(folder, ignored))
      return Unavailable("cannot open " + Quote(path) + ": folder " + Quote(folder.string()) +
                         " does not exist");
    return Annotate(error.error(), "cannot open " + Quote(path));
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  std::unique_ptr<Database> database(new Database(handle));
  // A store is a cache of what registries can tell again: NORMAL may lose the last commits at power
  // loss, never consistency. auto_vacuum counts only while the file is new.
  if (auto done = database->Execute("PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; "
                                    "PRAGMA synchronous=NORMAL; PRAGMA trusted_schema=OFF; "
                                    "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON;");
      !done) {
    return Annotate(done.error(), "cannot open " + Quote(path));
  }
  // SQLite falls back to reading where it may not write.
  if (sqlite3_db_readonly(handle, "main") == 1) {
    return Unavailable("cannot open " + Quote(path) + ": store: may not be written");
  }
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<void> Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ToError(handle_, code);
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code != SQLITE_OK) return ToError(handle_, code);
  return Statement(handle_, statement);
}

std::int64_t Database::ChangedRows() const {
  return sqlite3_changes64(handle_);
}

Result<Transaction> Transaction::Begin(Database& database) {
  XZGATE_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // The rollback's own failure changes nothing: SQLite rolls back when the connection closes.
  if (database_ != nullptr) (void)database_->Execute("ROLLBACK");
}

Result<void> Transaction::Commit() {
  Database& database = *database_;
  XZGATE_RETURN_IF_ERROR(database.Execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace xzgate::store
