// The work queue of SqliteStore: one row a digest, leased for a time.

#include "base/text.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {
namespace {

// A dead letter may be tried again when somebody asks for it after this long: content may have been
// repaired.
constexpr std::chrono::hours kDeadLetterRest{24};

std::int64_t Millis(WallTime time) {
  return time.time_since_epoch().count();
}

Result<std::int64_t> CountJobs(Database& database) {
  XZGATE_ASSIGN(Statement query, database.Prepare("SELECT count(*) FROM jobs"));
  XZGATE_ASSIGN(const bool row, query.Step());
  return row ? query.Int(0) : 0;
}

// Marks leases that ran out as crashes, so that they are ready again.
Result<void> ExpireLeases(Database& database, WallTime now) {
  XZGATE_ASSIGN(Statement expire,
                database.Prepare("UPDATE jobs SET leased_by='', crashes=crashes+1 WHERE "
                                 "leased_by<>'' AND lease_until<=?"));
  return expire.Bind(Millis(now)).Run();
}

Result<void> RunForJob(Database& database, std::string_view sql, std::int64_t job) {
  XZGATE_ASSIGN(Statement statement, database.Prepare(sql));
  return statement.Bind(job).Run();
}

// When a scanner dies, every job it held may be why. Such jobs are scanned one at a time, so that
// the next crash tells which one it was, and the others are cleared.
constexpr std::string_view kOneSuspectAtATime =
    " AND (crashes=0 OR NOT EXISTS (SELECT 1 FROM jobs WHERE leased_by<>'' AND crashes>0))";

Result<std::optional<Job>> FindReady(Database& database, WallTime now, const LeaseFilter& filter) {
  std::string sql =
      "SELECT id, image, priority, attempts, crashes FROM jobs WHERE dead=0 AND leased_by='' AND "
      "not_before<=? AND priority<=?";
  sql += kOneSuspectAtATime;
  for (std::size_t i = 0; i < filter.skip_hosts.size(); ++i) sql += " AND host<>?";
  XZGATE_ASSIGN(Statement query, database.Prepare(sql + " ORDER BY priority, id LIMIT 1"));
  query.Bind(Millis(now)).Bind(static_cast<std::int64_t>(filter.least_urgent));
  for (const auto& host : filter.skip_hosts) query.Bind(host);
  XZGATE_ASSIGN(const bool row, query.Step());
  if (!row) return std::nullopt;
  auto image = oci::PinnedReference::Parse(query.Text(1));
  if (!image) {
    // No version of ours wrote this row: it must not stand in the way of the others.
    const std::int64_t id = query.Int(0);
    query.Reset();
    XZGATE_RETURN_IF_ERROR(RunForJob(database, "DELETE FROM jobs WHERE id=?", id));
    return std::nullopt;
  }
  return Job{.id = query.Int(0),
             .image = *image,
             .priority = static_cast<Priority>(query.Int(2)),
             .attempts = static_cast<int>(query.Int(3)),
             .crashes = static_cast<int>(query.Int(4))};
}

}  // namespace

Result<bool> SqliteStore::Enqueue(const oci::PinnedReference& image, Priority priority,
                                  WallTime now) {
  return connections_->Write([&](Database& database) -> Result<bool> {
    XZGATE_ASSIGN(Transaction transaction, Transaction::Begin(database));
    // Somebody who waits (admission) has the job tried now; hosts that asked for quiet are passed
    // over at the lease. Where the digest could not be read from the repository that was named
    // first, the one named now is tried: nobody can bar a digest from others by asking for it at a
    // registry that never answers.
    XZGATE_ASSIGN(
        Statement join,
        database.Prepare(
            "UPDATE jobs SET priority=min(priority,?1), dead=0, attempts=CASE dead WHEN 1 THEN 0 "
            "ELSE attempts END, "
            "crashes=CASE dead WHEN 1 THEN 0 ELSE crashes END, why=CASE WHEN ?1=0 AND leased_by='' "
            "THEN '' ELSE why END, "
            "not_before=CASE WHEN ?1=0 OR dead=1 THEN min(not_before,?2) ELSE not_before END, "
            "host=CASE WHEN leased_by='' AND (why<>'' OR dead=1) THEN ?4 ELSE host END, "
            "image=CASE WHEN leased_by='' AND (why<>'' OR dead=1) THEN ?5 ELSE image END "
            "WHERE digest=?3 AND (dead=0 OR ?1=3 OR not_before<=?2 OR image<>?5)"));
    XZGATE_RETURN_IF_ERROR(join.Bind(static_cast<std::int64_t>(priority))
                               .Bind(Millis(now))
                               .Bind(image.digest().ToString())
                               .Bind(image.repository().host)
                               .Bind(image.ToString())
                               .Run());
    if (database.ChangedRows() == 0) {
      XZGATE_ASSIGN(const std::int64_t jobs, CountJobs(database));
      if (jobs >= static_cast<std::int64_t>(kMaxQueued)) return false;
      XZGATE_ASSIGN(
          Statement insert,
          database.Prepare("INSERT OR IGNORE INTO jobs(digest, host, image, priority, queued_at) "
                           "VALUES(?,?,?,?,?)"));
      XZGATE_RETURN_IF_ERROR(insert.Bind(image.digest().ToString())
                                 .Bind(image.repository().host)
                                 .Bind(image.ToString())
                                 .Bind(static_cast<std::int64_t>(priority))
                                 .Bind(Millis(now))
                                 .Run());
    }
    XZGATE_RETURN_IF_ERROR(transaction.Commit());
    return true;
  });
}

Result<std::optional<Job>> SqliteStore::Lease(std::string_view worker,
                                              std::chrono::milliseconds lease, WallTime now,
                                              const LeaseFilter& filter) {
  return connections_->Write([&](Database& database) -> Result<std::optional<Job>> {
    XZGATE_ASSIGN(Transaction transaction, Transaction::Begin(database));
    XZGATE_RETURN_IF_ERROR(ExpireLeases(database, now));
    XZGATE_ASSIGN(const std::optional<Job> job, FindReady(database, now, filter));
    if (job) {
      XZGATE_ASSIGN(Statement take,
                    database.Prepare("UPDATE jobs SET leased_by=?, lease_until=? WHERE id=?"));
      XZGATE_RETURN_IF_ERROR(take.Bind(worker).Bind(Millis(now + lease)).Bind(job->id).Run());
    }
    XZGATE_RETURN_IF_ERROR(transaction.Commit());
    return job;
  });
}

Result<void> SqliteStore::ExtendLease(std::int64_t job, std::string_view worker,
                                      std::chrono::milliseconds lease, WallTime now) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement extend,
                  database.Prepare("UPDATE jobs SET lease_until=? WHERE id=? AND leased_by=?"));
    XZGATE_RETURN_IF_ERROR(extend.Bind(Millis(now + lease)).Bind(job).Bind(worker).Run());
    if (database.ChangedRows() == 0)
      return NotFound("store: job " + std::to_string(job) + " is held by another worker");
    return {};
  });
}

Result<void> SqliteStore::Complete(std::int64_t job) {
  return connections_->Write(
      [&](Database& database) { return RunForJob(database, "DELETE FROM jobs WHERE id=?", job); });
}

Result<void> SqliteStore::Postpone(std::int64_t job, const Postponement& postponement) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement update,
        database.Prepare(
            "UPDATE jobs SET leased_by='', not_before=?, attempts=attempts+?, why=? WHERE id=?"));
    return update.Bind(Millis(postponement.not_before))
        .Bind(std::int64_t{postponement.costs_attempt ? 1 : 0})
        .Bind(Truncate(postponement.why, 512))
        .Bind(job)
        .Run();
  });
}

Result<void> SqliteStore::Bury(std::int64_t job, std::string_view why, WallTime now) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement update,
        database.Prepare("UPDATE jobs SET leased_by='', dead=1, not_before=?, why=? WHERE id=?"));
    return update.Bind(Millis(now + kDeadLetterRest)).Bind(Truncate(why, 512)).Bind(job).Run();
  });
}

Result<void> SqliteStore::ReleaseLeases(std::string_view worker, WallTime now) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement release,
                  database.Prepare("UPDATE jobs SET lease_until=? WHERE leased_by=?"));
    XZGATE_RETURN_IF_ERROR(release.Bind(Millis(now)).Bind(worker).Run());
    return ExpireLeases(database, now);
  });
}

Result<QueueStats> SqliteStore::Stats(WallTime now) {
  return connections_->Read([&](Database& database) -> Result<QueueStats> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare("SELECT sum(dead=0 AND leased_by='' AND not_before<=?1), sum(dead=0 AND "
                         "leased_by='' AND not_before>?1), "
                         "sum(leased_by<>''), sum(dead), min(CASE WHEN dead=0 AND leased_by='' AND "
                         "not_before<=?1 THEN queued_at END) FROM jobs"));
    XZGATE_ASSIGN(const bool row, query.Bind(Millis(now)).Step());
    QueueStats stats;
    if (!row) return stats;
    stats.ready = static_cast<std::uint64_t>(query.Int(0));
    stats.waiting = static_cast<std::uint64_t>(query.Int(1));
    stats.leased = static_cast<std::uint64_t>(query.Int(2));
    stats.dead = static_cast<std::uint64_t>(query.Int(3));
    if (stats.ready > 0) stats.oldest = WallTime(std::chrono::milliseconds(query.Int(4)));
    return stats;
  });
}

Result<std::optional<JobState>> SqliteStore::FindJob(const oci::Digest& digest) {
  return connections_->Read([&](Database& database) -> Result<std::optional<JobState>> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare("SELECT leased_by<>'', dead, why, not_before FROM jobs WHERE digest=?"));
    XZGATE_ASSIGN(const bool row, query.Bind(digest.ToString()).Step());
    if (!row) return std::nullopt;
    JobState state{.leased = query.Int(0) != 0,
                   .dead = query.Int(1) != 0,
                   .why = query.Text(2),
                   .not_before = {}};
    if (query.Int(3) > 0) state.not_before = WallTime(std::chrono::milliseconds(query.Int(3)));
    return state;
  });
}

}  // namespace xzgate::store
