// How a job comes into the queue of SqliteStore, or joins the one that is there.

#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {
namespace {

// The job of a digest at a host, as it stands in the queue.
struct Queued {
  std::int64_t id = 0;
  std::string image;
  Priority priority = Priority::kRescan;
  WallTime not_before;
  bool leased = false;
  bool dead = false;
  bool failed = false;  // the last attempt did not answer
};

Result<std::optional<Queued>> FindQueued(Database& database, const oci::PinnedReference& image) {
  XZGATE_ASSIGN(Statement query,
                database.Prepare("SELECT id, image, priority, not_before, leased_by<>'', "
                                 "dead_at<>0, why<>'' FROM jobs WHERE digest=? AND host=?"));
  query.Bind(image.digest().ToString()).Bind(image.repository().host);
  XZGATE_ASSIGN(const bool row, query.Step());
  if (!row) return std::nullopt;
  return Queued{.id = query.Int(0),
                .image = query.Text(1),
                .priority = static_cast<Priority>(query.Int(2)),
                .not_before = FromMillis(query.Int(3)),
                .leased = query.Int(4) != 0,
                .dead = query.Int(5) != 0,
                .failed = query.Int(6) != 0};
}

Result<bool> IsFull(Database& database) {
  XZGATE_ASSIGN(Statement query, database.Prepare("SELECT count(*) FROM jobs"));
  XZGATE_ASSIGN(const bool row, query.Step());
  return row && query.Int(0) >= static_cast<std::int64_t>(Store::kMaxQueued);
}

Result<void> Insert(Database& database, const oci::PinnedReference& image, Priority priority,
                    WallTime now) {
  XZGATE_ASSIGN(
      Statement insert,
      database.Prepare(
          "INSERT INTO jobs(digest, host, image, priority, queued_at) VALUES(?,?,?,?,?)"));
  return insert.Bind(image.digest().ToString())
      .Bind(image.repository().host)
      .Bind(image.ToString())
      .Bind(static_cast<std::int64_t>(priority))
      .Bind(ToMillis(now))
      .Run();
}

// A dead letter comes back as if it were new.
Result<void> Revive(Database& database, std::int64_t id, const std::string& image,
                    Priority priority, WallTime now) {
  XZGATE_ASSIGN(Statement update,
                database.Prepare("UPDATE jobs SET dead_at=0, attempts=0, crashes=0, why='', "
                                 "not_before=0, image=?, priority=?, queued_at=? WHERE id=?"));
  return update.Bind(image)
      .Bind(static_cast<std::int64_t>(priority))
      .Bind(ToMillis(now))
      .Bind(id)
      .Run();
}

Result<void> SetPriority(Database& database, std::int64_t id, Priority priority) {
  XZGATE_ASSIGN(Statement update, database.Prepare("UPDATE jobs SET priority=? WHERE id=?"));
  return update.Bind(static_cast<std::int64_t>(priority)).Bind(id).Run();
}

Result<void> SetImage(Database& database, std::int64_t id, const std::string& image) {
  XZGATE_ASSIGN(Statement update, database.Prepare("UPDATE jobs SET image=? WHERE id=?"));
  return update.Bind(image).Bind(id).Run();
}

Result<void> EndRest(Database& database, std::int64_t id) {
  XZGATE_ASSIGN(Statement update,
                database.Prepare("UPDATE jobs SET not_before=0, why='' WHERE id=?"));
  return update.Bind(id).Run();
}

Result<void> Join(Database& database, const Queued& job, const std::string& image,
                  Priority priority) {
  if (priority < job.priority) XZGATE_RETURN_IF_ERROR(SetPriority(database, job.id, priority));
  if (job.leased) return {};
  // Where the digest could not be read from the repository that was named first, the one named now
  // is tried: nobody can bar a digest from others by asking for it where it is not.
  if (job.failed && job.image != image) XZGATE_RETURN_IF_ERROR(SetImage(database, job.id, image));
  // Somebody who waits has the job tried now; hosts that asked for quiet are passed over at the
  // lease.
  if (priority == Priority::kAdmission && (job.failed || job.not_before > WallTime()))
    return EndRest(database, job.id);
  return {};
}

}  // namespace

Result<bool> SqliteStore::Enqueue(const oci::PinnedReference& image, Priority priority,
                                  WallTime now) {
  return connections_->Write([&](Database& database) -> Result<bool> {
    XZGATE_ASSIGN(Transaction transaction, Transaction::Begin(database));
    XZGATE_ASSIGN(const std::optional<Queued> job, FindQueued(database, image));
    const std::string text = image.ToString();
    if (!job) {
      XZGATE_ASSIGN(const bool full, IsFull(database));
      if (full) return false;
      XZGATE_RETURN_IF_ERROR(Insert(database, image, priority, now));
    } else if (!job->dead) {
      XZGATE_RETURN_IF_ERROR(Join(database, *job, text, priority));
    } else if (job->image != text || job->not_before <= now) {
      XZGATE_RETURN_IF_ERROR(Revive(database, job->id, text, priority, now));
    }
    XZGATE_RETURN_IF_ERROR(transaction.Commit());
    return true;
  });
}

}  // namespace xzgate::store
