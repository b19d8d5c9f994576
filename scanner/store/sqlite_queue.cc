// The work queue of SqliteStore: one row for a digest and a host, leased for a time.

#include "base/text.h"
#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {
namespace {

// A dead letter may be tried again when somebody asks for it after this long: what a registry did
// not have may have been pushed since, and what it garbled or what crashed the scanner been
// repaired.
constexpr std::chrono::minutes kUnreachableRest{10};
constexpr std::chrono::minutes kUnreadableRest{60};
constexpr std::size_t kMaxWhyBytes = 512;

// Marks leases that ran out as crashes, so that they are ready again.
Result<void> ExpireLeases(Database& database, WallTime now) {
  XZGATE_ASSIGN(Statement expire,
                database.Prepare("UPDATE jobs SET leased_by='', crashes=crashes+1 WHERE "
                                 "leased_by<>'' AND lease_until<=?"));
  return expire.Bind(ToMillis(now)).Run();
}

// Frees what workers of this name hold, "scanner-1/0" to "scanner-1/…": '0' comes after '/'.
Result<void> ReleaseLeases(Database& database, const std::string& name) {
  XZGATE_ASSIGN(Statement release,
                database.Prepare("UPDATE jobs SET leased_by='', crashes=crashes+1 WHERE "
                                 "leased_by<>'' AND leased_by>=? AND leased_by<?"));
  return release.Bind(name + "/").Bind(name + "0").Run();
}

Result<void> Delete(Database& database, std::int64_t job) {
  XZGATE_ASSIGN(Statement statement, database.Prepare("DELETE FROM jobs WHERE id=?"));
  return statement.Bind(job).Run();
}

// The digest of a job that `worker` holds.
Result<std::optional<std::string>> FindHeld(Database& database, std::int64_t job,
                                            std::string_view worker) {
  XZGATE_ASSIGN(Statement query,
                database.Prepare("SELECT digest FROM jobs WHERE id=? AND leased_by=?"));
  XZGATE_ASSIGN(const bool row, query.Bind(job).Bind(worker).Step());
  if (!row) return std::nullopt;
  return query.Text(0);
}

// Drops the jobs of a digest that has a verdict: what another host gave says nothing new. (An
// `unknown` may be one host's fault.)
Result<void> DeleteAnswered(Database& database, const std::string& digest) {
  XZGATE_ASSIGN(Statement remove,
                database.Prepare("DELETE FROM jobs WHERE digest=?1 AND EXISTS (SELECT 1 FROM "
                                 "reports WHERE digest=?1 AND verdict<>?2)"));
  return remove.Bind(digest).Bind(static_cast<std::int64_t>(rules::Verdict::kUnknown)).Run();
}

// When a scanner dies, every job it held may be why. Such jobs are scanned one at a time, so that
// the next crash tells which one it was, and the others are cleared.
constexpr std::string_view kOneSuspectAtATime =
    " AND (crashes=0 OR NOT EXISTS (SELECT 1 FROM jobs WHERE leased_by<>'' AND crashes>0))";

Result<std::optional<Job>> FindReady(Database& database, WallTime now, const LeaseFilter& filter) {
  std::string sql =
      "SELECT id, image, priority, attempts, crashes FROM jobs WHERE dead_at=0 AND leased_by='' "
      "AND not_before<=? AND priority<=?";
  sql += kOneSuspectAtATime;
  for (std::size_t i = 0; i < filter.skip_hosts.size(); ++i) sql += " AND host<>?";
  XZGATE_ASSIGN(Statement query, database.Prepare(sql + " ORDER BY priority, id LIMIT 1"));
  query.Bind(ToMillis(now)).Bind(static_cast<std::int64_t>(filter.least_urgent));
  for (const auto& host : filter.skip_hosts) query.Bind(host);
  XZGATE_ASSIGN(const bool row, query.Step());
  if (!row) return std::nullopt;
  auto image = oci::PinnedReference::Parse(query.Text(1));
  if (!image) {
    // No version of ours wrote this row: it must not stand in the way of the others.
    const std::int64_t id = query.Int(0);
    query.Reset();
    XZGATE_RETURN_IF_ERROR(Delete(database, id));
    return std::nullopt;
  }
  return Job{.id = query.Int(0),
             .image = *image,
             .priority = static_cast<Priority>(query.Int(2)),
             .attempts = static_cast<int>(query.Int(3)),
             .crashes = static_cast<int>(query.Int(4))};
}

signature::Reason ReasonOf(std::int64_t number) {
  return number > 0 && number <= static_cast<std::int64_t>(signature::Reason::kPending)
             ? static_cast<signature::Reason>(number)
             : signature::Reason::kNone;
}

std::unexpected<Error> NotHeld(std::int64_t job, std::string_view worker) {
  return NotFound("store: job " + std::to_string(job) + " is not held by " + Quote(worker));
}

}  // namespace

Result<std::string> SqliteStore::ClaimWorkerName(WallTime) {
  const std::string path = connections_->path();
  for (int number = 0; number < kMaxScanners; ++number) {
    const std::string name = "scanner-" + std::to_string(number);
    std::optional<FileLock> lock;
    if (!path.empty()) {
      auto taken = FileLock::Take(path + "." + name, std::chrono::milliseconds(0));
      if (!taken && taken.error().code() == ErrorCode::kDeadlineExceeded) continue;
      if (!taken) return std::unexpected(taken.error());
      lock.emplace(std::move(*taken));
    }
    XZGATE_RETURN_IF_ERROR(connections_->Write(
        [&name](Database& database) -> Result<void> { return ReleaseLeases(database, name); }));
    const std::lock_guard guard(names_mutex_);
    if (lock) names_.push_back(std::move(*lock));
    return name;
  }
  return ResourceExhausted("store " + Quote(path) + ": " + std::to_string(kMaxScanners) +
                           " scanners are at work already");
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
      XZGATE_RETURN_IF_ERROR(take.Bind(worker).Bind(ToMillis(now + lease)).Bind(job->id).Run());
    }
    XZGATE_RETURN_IF_ERROR(transaction.Commit());
    return job;
  });
}

Result<Priority> SqliteStore::ExtendLease(std::int64_t job, std::string_view worker,
                                          std::chrono::milliseconds lease, WallTime now) {
  return connections_->Write([&](Database& database) -> Result<Priority> {
    XZGATE_ASSIGN(Statement extend,
                  database.Prepare("UPDATE jobs SET lease_until=? WHERE id=? AND leased_by=? "
                                   "RETURNING priority"));
    extend.Bind(ToMillis(now + lease)).Bind(job).Bind(worker);
    XZGATE_ASSIGN(const bool row, extend.Step());
    if (!row) return NotHeld(job, worker);
    const auto priority = static_cast<Priority>(extend.Int(0));
    XZGATE_RETURN_IF_ERROR(extend.Run());
    return priority;
  });
}

Result<void> SqliteStore::Complete(std::int64_t job, std::string_view worker) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Transaction transaction, Transaction::Begin(database));
    XZGATE_ASSIGN(const std::optional<std::string> digest, FindHeld(database, job, worker));
    if (!digest) return NotHeld(job, worker);
    XZGATE_RETURN_IF_ERROR(Delete(database, job));
    XZGATE_RETURN_IF_ERROR(DeleteAnswered(database, *digest));
    return transaction.Commit();
  });
}

Result<void> SqliteStore::Postpone(std::int64_t job, std::string_view worker,
                                   const Postponement& postponement) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement update,
        database.Prepare("UPDATE jobs SET leased_by='', not_before=?, attempts=attempts+?, why=?, "
                         "cause=?, signature=? WHERE id=? AND leased_by=?"));
    update.Bind(ToMillis(postponement.not_before))
        .Bind(std::int64_t{postponement.costs_attempt ? 1 : 0})
        .Bind(Truncate(postponement.why, kMaxWhyBytes))
        .Bind(static_cast<std::int64_t>(postponement.cause))
        .Bind(static_cast<std::int64_t>(postponement.signature))
        .Bind(job)
        .Bind(worker);
    XZGATE_RETURN_IF_ERROR(update.Run());
    if (database.ChangedRows() == 0) return NotHeld(job, worker);
    return {};
  });
}

Result<void> SqliteStore::Bury(std::int64_t job, std::string_view worker, const Failure& failure,
                               WallTime now) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement update,
                  database.Prepare("UPDATE jobs SET leased_by='', dead_at=?, not_before=?, why=?, "
                                   "cause=?, signature=? WHERE id=? AND leased_by=?"));
    update.Bind(ToMillis(now))
        .Bind(ToMillis(now + (failure.cause == rules::Cause::kUnreadable ? kUnreadableRest
                                                                         : kUnreachableRest)))
        .Bind(Truncate(failure.why, kMaxWhyBytes))
        .Bind(static_cast<std::int64_t>(failure.cause))
        .Bind(static_cast<std::int64_t>(failure.signature))
        .Bind(job)
        .Bind(worker);
    XZGATE_RETURN_IF_ERROR(update.Run());
    if (database.ChangedRows() == 0) return NotHeld(job, worker);
    return {};
  });
}

Result<QueueStats> SqliteStore::Stats(WallTime now) {
  return connections_->Read([&](Database& database) -> Result<QueueStats> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare("WITH alive AS (SELECT leased_by='' AND not_before<=?1 AS ready, "
                         "leased_by<>'' AS leased, dead_at<>0 AS dead, queued_at FROM jobs) "
                         "SELECT sum(ready AND NOT dead), sum(NOT ready AND NOT leased AND NOT "
                         "dead), sum(leased), sum(dead), min(iif(ready AND NOT dead, queued_at, "
                         "NULL)) FROM alive"));
    XZGATE_ASSIGN(const bool row, query.Bind(ToMillis(now)).Step());
    QueueStats stats;
    if (!row) return stats;
    stats.ready = static_cast<std::uint64_t>(query.Int(0));
    stats.waiting = static_cast<std::uint64_t>(query.Int(1));
    stats.leased = static_cast<std::uint64_t>(query.Int(2));
    stats.dead = static_cast<std::uint64_t>(query.Int(3));
    if (stats.ready > 0) stats.oldest = FromMillis(query.Int(4));
    return stats;
  });
}

Result<std::optional<JobState>> SqliteStore::FindJob(const oci::PinnedReference& image) {
  return connections_->Read([&](Database& database) -> Result<std::optional<JobState>> {
    XZGATE_ASSIGN(Statement query,
                  database.Prepare("SELECT leased_by<>'', dead_at<>0, why, cause, not_before, "
                                   "signature, image FROM jobs WHERE digest=? AND host=?"));
    query.Bind(image.digest().ToString()).Bind(image.repository().host);
    XZGATE_ASSIGN(const bool row, query.Step());
    if (!row) return std::nullopt;
    JobState state;
    state.leased = query.Int(0) != 0;
    state.dead = query.Int(1) != 0;
    state.why = query.Text(2);
    if (!state.why.empty()) state.cause = static_cast<rules::Cause>(query.Int(3));
    if (!state.why.empty()) state.signature = ReasonOf(query.Int(5));
    if (query.Int(4) > 0) state.not_before = FromMillis(query.Int(4));
    state.image = query.Text(6);
    return state;
  });
}

}  // namespace xzgate::store
