// Which images workloads asked for, and which of them wait for an answer.

#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {

Result<void> SqliteStore::RecordSighting(const Sighting& sighting) {
  return RecordSightings({&sighting, 1});
}

Result<void> SqliteStore::RecordSightings(std::span<const Sighting> sightings) {
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Transaction transaction, Transaction::Begin(database));
    XZGATE_ASSIGN(
        Statement insert,
        database.Prepare(
            "INSERT OR REPLACE INTO sightings(image, workload, digest, reference, namespace, at) "
            "VALUES(?,?,?,?,?,?)"));
    for (const Sighting& sighting : sightings) {
      const std::string_view image = sighting.image;
      insert.Bind(image)
          .Bind(sighting.workload)
          .Bind(image.substr(image.find('@') + 1))
          .Bind(sighting.reference)
          .Bind(sighting.namespace_name)
          .Bind(ToMillis(sighting.when));
      XZGATE_RETURN_IF_ERROR(insert.Run());
    }
    return transaction.Commit();
  });
}

Result<std::vector<Sighting>> SqliteStore::RecentSightings(std::size_t max) {
  return connections_->Read([&](Database& database) -> Result<std::vector<Sighting>> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare("SELECT image, reference, workload, namespace, max(at) FROM sightings "
                         "GROUP BY image ORDER BY max(at) DESC LIMIT ?"));
    query.Bind(static_cast<std::int64_t>(max));
    std::vector<Sighting> sightings;
    while (true) {
      XZGATE_ASSIGN(const bool row, query.Step());
      if (!row) return sightings;
      sightings.push_back(
          {query.Text(0), query.Text(1), query.Text(2), query.Text(3), FromMillis(query.Int(4))});
    }
  });
}

Result<std::vector<SeenImage>> SqliteStore::ImagesSeenSince(WallTime since, std::size_t max) {
  using Images = std::vector<SeenImage>;
  return connections_->Read([&](Database& database) -> Result<Images> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare("SELECT image, max(at) FROM sightings WHERE at>=? GROUP BY image "
                         "ORDER BY max(at) DESC LIMIT ?"));
    query.Bind(ToMillis(since)).Bind(static_cast<std::int64_t>(max));
    Images images;
    while (true) {
      XZGATE_ASSIGN(const bool row, query.Step());
      if (!row) return images;
      // As below.
      if (auto image = oci::PinnedReference::Parse(query.Text(0)))
        images.push_back({*image, FromMillis(query.Int(1))});
    }
  });
}

Result<std::vector<oci::PinnedReference>> SqliteStore::UnansweredImages(std::string_view rules,
                                                                        WallTime unknown_before,
                                                                        std::size_t max) {
  using Images = std::vector<oci::PinnedReference>;
  return connections_->Read([&](Database& database) -> Result<Images> {
    XZGATE_ASSIGN(
        Statement query,
        database.Prepare(
            "SELECT s.image FROM (SELECT image, digest, max(at) AS seen FROM sightings GROUP BY "
            "image) s LEFT JOIN reports r ON r.digest=s.digest AND r.rules=?1 "
            "WHERE (r.digest IS NULL OR (r.verdict=?2 AND r.at<?3)) "
            "AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.digest=s.digest AND j.image=s.image AND "
            "(j.dead_at=0 OR j.dead_at>=?3)) ORDER BY s.seen DESC LIMIT ?4"));
    query.Bind(rules)
        .Bind(static_cast<std::int64_t>(rules::Verdict::kUnknown))
        .Bind(ToMillis(unknown_before))
        .Bind(static_cast<std::int64_t>(max));
    Images images;
    while (true) {
      XZGATE_ASSIGN(const bool row, query.Step());
      if (!row) return images;
      // A row that no version of ours wrote is passed over.
      if (auto image = oci::PinnedReference::Parse(query.Text(0))) images.push_back(*image);
    }
  });
}

}  // namespace xzgate::store
