// What scans read: facts of layers, and verified documents. Reading notes that a row is in use.

#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {
namespace {

// How often it is written down that a row is in use: expiry counts in days.
constexpr std::chrono::hours kUseNoted{24};

bool IsUseNoted(std::int64_t used_at, WallTime now) {
  return used_at > ToMillis(now - kUseNoted);
}

// A row with large content, as it was found.
struct Row {
  std::string type;
  std::string bytes;
  std::int64_t used_at = 0;
};

// The row that a query of these three columns finds for a key.
Result<std::optional<Row>> Find(Database& database, std::string_view sql,
                                std::initializer_list<std::string_view> key) {
  XZGATE_ASSIGN(Statement query, database.Prepare(sql));
  for (const std::string_view part : key) query.Bind(part);
  XZGATE_ASSIGN(const bool row, query.Step());
  if (!row) return std::nullopt;
  return Row{.type = query.Text(0), .bytes = query.Text(1), .used_at = query.Int(2)};
}

// Writes down that the row of a key is in use. What fails now is done with the next use.
void NoteUse(SqliteConnections& connections, std::string_view sql, WallTime now,
             std::initializer_list<std::string_view> key) {
  (void)connections.Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement update, database.Prepare(sql));
    update.Bind(ToMillis(now));
    for (const std::string_view part : key) update.Bind(part);
    return update.Run();
  });
}

}  // namespace

Result<std::optional<facts::LayerFacts>> SqliteStore::FindLayer(const oci::Digest& layer,
                                                                std::string_view probes,
                                                                WallTime now) {
  const std::string name = layer.ToString();
  XZGATE_ASSIGN(const std::optional<Row> row, connections_->Read([&](Database& database) {
    return Find(database, "SELECT '', facts, used_at FROM layers WHERE digest=? AND probes=?",
                {name, probes});
  }));
  if (!row) return std::nullopt;
  auto facts = facts::DecodeFacts(row->bytes);
  if (!facts || facts->digest != layer) {
    // A row that cannot be read, or that tells of another layer, is a miss: the layer is read
    // again.
    logger_.Error(
        "stored facts are unreadable: the layer is read again",
        {{"layer", name}, {"error", facts ? "facts of another layer" : facts.error().message()}});
    return std::nullopt;
  }
  if (!IsUseNoted(row->used_at, now)) {
    NoteUse(*connections_, "UPDATE layers SET used_at=? WHERE digest=? AND probes=?", now,
            {name, probes});
  }
  return std::move(*facts);
}

Result<void> SqliteStore::PutLayer(const facts::LayerFacts& layer, std::string_view probes,
                                   WallTime now) {
  const std::string bytes = facts::EncodeFacts(layer);
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement insert,
        database.Prepare(
            "INSERT OR REPLACE INTO layers(digest, probes, used_at, facts) VALUES(?,?,?,?)"));
    return insert.Bind(layer.digest.ToString())
        .Bind(probes)
        .Bind(ToMillis(now))
        .BindBlob(bytes)
        .Run();
  });
}

Result<std::optional<CachedDocument>> SqliteStore::FindDocument(const oci::Digest& digest,
                                                                WallTime now) {
  const std::string name = digest.ToString();
  XZGATE_ASSIGN(std::optional<Row> row, connections_->Read([&](Database& database) {
    return Find(database, "SELECT content_type, bytes, used_at FROM documents WHERE digest=?",
                {name});
  }));
  if (!row) return std::nullopt;
  // The digest is the document's name: bytes that do not have it are not the document.
  if (oci::Digest::Of(AsBytes(row->bytes), digest.algorithm()) != digest) {
    logger_.Error("stored document is damaged: it is fetched again", {{"digest", name}});
    return std::nullopt;
  }
  if (!IsUseNoted(row->used_at, now))
    NoteUse(*connections_, "UPDATE documents SET used_at=? WHERE digest=?", now, {name});
  return CachedDocument{std::move(row->type), std::move(row->bytes)};
}

Result<void> SqliteStore::PutDocument(const oci::Digest& digest, const CachedDocument& document,
                                      WallTime now) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement insert,
        database.Prepare("INSERT OR REPLACE INTO documents(digest, used_at, content_type, bytes) "
                         "VALUES(?,?,?,?)"));
    return insert.Bind(digest.ToString())
        .Bind(ToMillis(now))
        .Bind(document.content_type)
        .BindBlob(document.bytes)
        .Run();
  });
}

}  // namespace xzgate::store
