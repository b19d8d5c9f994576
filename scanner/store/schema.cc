#include "scanner/store/schema.h"

#include <array>
#include <string>
#include <string_view>

namespace xzgate::store {
namespace {

// Step n takes schema n to n + 1. A step that has been released is never edited: a change is a new
// step.
constexpr std::array<std::string_view, 2> kSteps = {R"sql(
CREATE TABLE layers(
  digest TEXT NOT NULL, probes TEXT NOT NULL, used_at INTEGER NOT NULL, facts BLOB NOT NULL,
  PRIMARY KEY(digest, probes)) WITHOUT ROWID;
CREATE INDEX layers_by_use ON layers(used_at);
CREATE TABLE documents(
  digest TEXT PRIMARY KEY, used_at INTEGER NOT NULL, content_type TEXT NOT NULL,
  bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX documents_by_use ON documents(used_at);
CREATE TABLE reports(
  digest TEXT NOT NULL, rules TEXT NOT NULL, verdict INTEGER NOT NULL, at INTEGER NOT NULL,
  report TEXT NOT NULL, PRIMARY KEY(digest, rules)) WITHOUT ROWID;
CREATE INDEX reports_by_rules ON reports(rules, verdict);
CREATE INDEX reports_by_time ON reports(at);
CREATE TABLE tags(
  reference TEXT PRIMARY KEY, digest TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX tags_by_end ON tags(expires);
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY, digest TEXT NOT NULL, host TEXT NOT NULL, image TEXT NOT NULL,
  priority INTEGER NOT NULL, queued_at INTEGER NOT NULL, not_before INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,
  leased_by TEXT NOT NULL DEFAULT '', lease_until INTEGER NOT NULL DEFAULT 0,
  dead_at INTEGER NOT NULL DEFAULT 0,
  why TEXT NOT NULL DEFAULT '', cause INTEGER NOT NULL DEFAULT 0,
  UNIQUE(digest, host));
CREATE INDEX jobs_by_urgency ON jobs(priority, id) WHERE dead_at=0 AND leased_by='';
CREATE INDEX jobs_by_lease ON jobs(lease_until) WHERE leased_by<>'';
CREATE INDEX jobs_by_death ON jobs(dead_at) WHERE dead_at<>0;
CREATE TABLE sightings(
  image TEXT NOT NULL, workload TEXT NOT NULL, digest TEXT NOT NULL, reference TEXT NOT NULL,
  namespace TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(image, workload)) WITHOUT ROWID;
CREATE INDEX sightings_by_time ON sightings(at);
CREATE INDEX sightings_by_digest ON sightings(digest, at);
)sql",
                                                    R"sql(
CREATE TABLE signatures(
  digest TEXT NOT NULL, repository TEXT NOT NULL, requirement TEXT NOT NULL,
  outcome INTEGER NOT NULL, made INTEGER NOT NULL, valid_until INTEGER NOT NULL,
  at INTEGER NOT NULL, report TEXT NOT NULL,
  PRIMARY KEY(digest, repository, requirement)) WITHOUT ROWID;
CREATE INDEX signatures_by_end ON signatures(valid_until);
CREATE TABLE listings(
  digest TEXT NOT NULL, repository TEXT NOT NULL, at INTEGER NOT NULL, listing TEXT NOT NULL,
  PRIMARY KEY(digest, repository)) WITHOUT ROWID;
CREATE INDEX listings_by_time ON listings(at);
ALTER TABLE jobs ADD COLUMN signature INTEGER NOT NULL DEFAULT 0;
)sql"};

Result<int> ReadVersion(Database& database) {
  XZGATE_ASSIGN(Statement query, database.Prepare("PRAGMA user_version"));
  XZGATE_ASSIGN(const bool row, query.Step());
  return row ? static_cast<int>(query.Int(0)) : 0;
}

}  // namespace

int SchemaVersion() {
  return static_cast<int>(kSteps.size());
}

Result<void> Migrate(Database& database) {
  XZGATE_ASSIGN(const int seen, ReadVersion(database));
  if (seen == SchemaVersion()) return {};
  // Another process may be migrating too: the version is read again under the write lock.
  XZGATE_ASSIGN(Transaction transaction, Transaction::Begin(database));
  XZGATE_ASSIGN(const int version, ReadVersion(database));
  if (version > SchemaVersion()) {
    return Unsupported("store: schema " + std::to_string(version) +
                       " was written by a newer xzgate; this one knows up to " +
                       std::to_string(SchemaVersion()));
  }
  for (int step = version; step < SchemaVersion(); ++step) {
    XZGATE_RETURN_IF_ERROR(database.Execute(std::string(kSteps[static_cast<std::size_t>(step)])));
  }
  XZGATE_RETURN_IF_ERROR(
      database.Execute("PRAGMA user_version=" + std::to_string(SchemaVersion())));
  return transaction.Commit();
}

}  // namespace xzgate::store
