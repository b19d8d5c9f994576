#include "scanner/store/sqlite_store.h"

#include "base/json/reader.h"
#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"

namespace xzgate::store {
namespace {

// Reports are ours, but the file may be tampered with or damaged: they are read with the same care
// as foreign ones.
constexpr json::Limits kReportLimits{
    .max_bytes = 16 * 1024 * 1024, .max_depth = 16, .max_values = 500'000};

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<SqliteConnections> connections, log::Logger& logger)
    : connections_(std::move(connections)), logger_(logger) {}

SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path,
                                                       log::Logger& logger) {
  XZGATE_ASSIGN(auto connections, SqliteConnections::Open(path, logger));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(connections), logger));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::OpenInMemory(log::Logger& logger) {
  return Open(":memory:", logger);
}

Result<std::optional<rules::Report>> SqliteStore::FindReport(const oci::Digest& digest,
                                                             std::string_view rules) {
  auto text = connections_->Read([&](Database& database) -> Result<std::optional<std::string>> {
    XZGATE_ASSIGN(Statement query,
                  database.Prepare("SELECT report FROM reports WHERE digest=? AND rules=?"));
    XZGATE_ASSIGN(const bool row, query.Bind(digest.ToString()).Bind(rules).Step());
    if (!row) return std::nullopt;
    return query.Text(0);
  });
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto value = json::Parse(**text, kReportLimits, "stored report");
  auto report = value ? rules::ReportFromJson(*value) : std::unexpected(value.error());
  if (report && report->digest == digest.ToString() && report->rules == rules)
    return std::move(*report);
  logger_.Error("stored report is unreadable: the image is judged again",
                {{"digest", digest.ToString()},
                 {"error", report ? "report of another image" : report.error().message()}});
  return std::nullopt;
}

Result<void> SqliteStore::PutReport(const rules::Report& report, WallTime now) {
  if (report.verdict == rules::Verdict::kUnknown && report.cause == rules::Cause::kPending) {
    return Internal("store: a pending report is never stored");
  }
  const std::string text = json::Encode(rules::ToJson(report));
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement insert,
        database.Prepare(
            "INSERT INTO reports(digest, rules, verdict, at, report) VALUES(?1,?2,?3,?4,?5) ON "
            "CONFLICT DO UPDATE SET verdict=?3, at=?4, report=?5 WHERE ?3<>?6 OR verdict=?6"));
    return insert.Bind(report.digest)
        .Bind(report.rules)
        .Bind(static_cast<std::int64_t>(report.verdict))
        .Bind(ToMillis(now))
        .Bind(text)
        .Bind(static_cast<std::int64_t>(rules::Verdict::kUnknown))
        .Run();
  });
}

Result<std::optional<oci::Digest>> SqliteStore::FindTag(const oci::Reference& reference,
                                                        WallTime now) {
  auto text = connections_->Read([&](Database& database) -> Result<std::optional<std::string>> {
    XZGATE_ASSIGN(Statement query,
                  database.Prepare("SELECT digest FROM tags WHERE reference=? AND expires>?"));
    XZGATE_ASSIGN(const bool row, query.Bind(reference.ToString()).Bind(ToMillis(now)).Step());
    if (!row) return std::nullopt;
    return query.Text(0);
  });
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto digest = oci::Digest::Parse(**text);
  if (!digest) return std::nullopt;
  return *digest;
}

Result<void> SqliteStore::PutTag(const oci::Reference& reference, const oci::Digest& digest,
                                 WallTime expires) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement insert,
        database.Prepare("INSERT OR REPLACE INTO tags(reference, digest, expires) VALUES(?,?,?)"));
    return insert.Bind(reference.ToString()).Bind(digest.ToString()).Bind(ToMillis(expires)).Run();
  });
}

Result<std::vector<std::pair<rules::Verdict, std::uint64_t>>> SqliteStore::CountVerdicts(
    std::string_view rules) {
  using Counts = std::vector<std::pair<rules::Verdict, std::uint64_t>>;
  return connections_->Read([&](Database& database) -> Result<Counts> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare("SELECT verdict, count(*) FROM reports WHERE rules=? GROUP BY verdict"));
    query.Bind(rules);
    Counts counts;
    while (true) {
      XZGATE_ASSIGN(const bool row, query.Step());
      if (!row) return counts;
      const std::int64_t verdict = query.Int(0);
      if (verdict < 0 || verdict >= rules::kVerdictCount) continue;
      counts.emplace_back(static_cast<rules::Verdict>(verdict),
                          static_cast<std::uint64_t>(query.Int(1)));
    }
  });
}

// data_version changes for a connection when another one wrote, total_changes() when it did so
// itself: with a file the writer is always another one, in memory there is only one.
Result<std::uint64_t> SqliteStore::ChangeCounter() {
  return connections_->Read([](Database& database) -> Result<std::uint64_t> {
    std::uint64_t counter = 0;
    for (const char* sql : {"PRAGMA data_version", "SELECT total_changes()"}) {
      XZGATE_ASSIGN(Statement query, database.Prepare(sql));
      XZGATE_ASSIGN(const bool row, query.Step());
      if (row) counter += static_cast<std::uint64_t>(query.Int(0));
    }
    return counter;
  });
}

std::string SqliteStore::WriteProblem() {
  return connections_->WriteProblem();
}

Result<void> SqliteStore::Check() {
  return connections_->Read([](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement query, database.Prepare("SELECT 1 FROM jobs LIMIT 1"));
    return query.Run();
  });
}

}  // namespace xzgate::store
