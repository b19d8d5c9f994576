#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace xzgate::store {

// A prepared statement, for one run at a time: bind, step until false, and it is ready again.
// Confined to its database's lock. Errors as Database.
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* handle) : database_(database), handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  // Parameters count from 1 in the order bound; Bind resets nothing, Reset forgets all.
  Statement& Bind(std::int64_t value);
  Statement& Bind(std::string_view text);
  Statement& BindBlob(std::string_view bytes);

  // True when there is a row. At the end, or on an error, the statement is reset.
  Result<bool> Step();
  // Steps once and expects no row.
  Result<void> Run();

  std::int64_t Int(int column) const;
  std::string Text(int column) const;  // also of blobs
  void Reset();

 private:
  sqlite3* database_;
  sqlite3_stmt* handle_;
  int next_parameter_ = 1;
};

// One SQLite connection. Confined to one thread at a time (the store holds a lock). The only files
// that know SQLite are this adapter and its .cc. Errors: kUnavailable (locked, disk full,
// read-only, cannot open), kIntegrity (corrupt, not a database), kInternal (everything else).
class Database {
 public:
  // Opens or creates; ":memory:" for a private one. WAL, NORMAL, a busy timeout of 250 ms,
  // trusted_schema off.
  static Result<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> Execute(const std::string& sql);
  Result<Statement> Prepare(std::string_view sql);
  std::int64_t ChangedRows() const;

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

// A write transaction: rolls back unless committed. Borrows its database.
class Transaction {
 public:
  static Result<Transaction> Begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> Commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace xzgate::store
