// What SqliteStore forgets, a few rows at a time: others get the file's write lock between.

#include <array>
#include <thread>

#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {
namespace {

// Rows that one statement takes (?2) because of a time (?1): fewer where rows are large.
struct Kind {
  std::string_view sql;
  std::int64_t batch;
};

// A report stays while its image was seen since, whenever it was written.
constexpr std::array kUnused = {
    Kind{"DELETE FROM sightings WHERE (image, workload) IN (SELECT image, workload FROM sightings "
         "WHERE at<?1 LIMIT ?2)",
         1000},
    Kind{"DELETE FROM reports WHERE (digest, rules) IN (SELECT digest, rules FROM reports r WHERE "
         "at<?1 AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.digest=r.digest AND s.at>=?1) "
         "LIMIT ?2)",
         500},
    Kind{"DELETE FROM listings WHERE (digest, repository) IN (SELECT digest, repository FROM "
         "listings "
         "l WHERE at<?1 AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.digest=l.digest AND "
         "s.at>=?1) LIMIT ?2)",
         500},
    Kind{"DELETE FROM documents WHERE digest IN (SELECT digest FROM documents WHERE used_at<?1 "
         "LIMIT ?2)",
         200},
    Kind{"DELETE FROM layers WHERE (digest, probes) IN (SELECT digest, probes FROM layers WHERE "
         "used_at<?1 LIMIT ?2)",
         20},
    Kind{"DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE dead_at<>0 AND dead_at<?1 LIMIT "
         "?2)",
         1000},
};
// Rows that say themselves when they end. A report on signatures is kept for two days more (in ms):
// when it was made says when the schedule is to look again.
constexpr std::array kEnded = {
    Kind{"DELETE FROM tags WHERE reference IN (SELECT reference FROM tags WHERE expires<=?1 LIMIT "
         "?2)",
         1000},
    Kind{"DELETE FROM signatures WHERE (digest, repository, requirement) IN (SELECT digest, "
         "repository, requirement FROM signatures WHERE valid_until<=?1-172800000 LIMIT ?2)",
         500},
};

// Of one kind in one call; the rest goes with the next.
constexpr int kMaxBatches = 20;
// Between two batches of one kind: time for those who wait for the file.
constexpr std::chrono::milliseconds kBreath{20};
// Given back to the file system in one go: 1 MiB of pages of 4 KiB.
constexpr std::int64_t kPagesAtOnce = 256;

Result<std::int64_t> DeleteBatch(SqliteConnections& connections, const Kind& kind, WallTime time) {
  return connections.Write([&](Database& database) -> Result<std::int64_t> {
    XZGATE_ASSIGN(Statement statement, database.Prepare(kind.sql));
    XZGATE_RETURN_IF_ERROR(statement.Bind(ToMillis(time)).Bind(kind.batch).Run());
    return database.ChangedRows();
  });
}

Result<std::uint64_t> DeleteAll(SqliteConnections& connections, const Kind& kind, WallTime time) {
  std::int64_t total = 0;
  for (int i = 0; i < kMaxBatches; ++i) {
    XZGATE_ASSIGN(const std::int64_t rows, DeleteBatch(connections, kind, time));
    total += rows;
    if (rows < kind.batch) break;
    std::this_thread::sleep_for(kBreath);
  }
  return static_cast<std::uint64_t>(total);
}

// Gives free pages back to the file system; true when none is left.
Result<bool> Shrink(SqliteConnections& connections) {
  return connections.Write([](Database& database) -> Result<bool> {
    XZGATE_RETURN_IF_ERROR(
        database.Execute("PRAGMA incremental_vacuum(" + std::to_string(kPagesAtOnce) + ")"));
    XZGATE_ASSIGN(Statement left, database.Prepare("PRAGMA freelist_count"));
    XZGATE_ASSIGN(const bool row, left.Step());
    return !row || left.Int(0) == 0;
  });
}

}  // namespace

Result<std::uint64_t> SqliteStore::Expire(WallTime before, WallTime now) {
  std::uint64_t total = 0;
  for (const Kind& kind : kEnded) {
    XZGATE_ASSIGN(const std::uint64_t rows, DeleteAll(*connections_, kind, now));
    total += rows;
  }
  for (const Kind& kind : kUnused) {
    XZGATE_ASSIGN(const std::uint64_t rows, DeleteAll(*connections_, kind, before));
    total += rows;
  }
  for (int i = 0; i < kMaxBatches; ++i) {
    XZGATE_ASSIGN(const bool done, Shrink(*connections_));
    if (done) break;
    std::this_thread::sleep_for(kBreath);
  }
  return total;
}

}  // namespace xzgate::store
