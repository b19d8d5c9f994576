// What is known of images' signatures: reports by requirement, and what repositories list.

#include <algorithm>

#include "base/json/reader.h"
#include "scanner/store/millis.h"
#include "scanner/store/sqlite_connections.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::store {
namespace {

// Rows are ours, but the file may be tampered with or damaged.
constexpr json::Limits kRowLimits{
    .max_bytes = 4 * 1024 * 1024, .max_depth = 16, .max_values = 100'000};

constexpr std::string_view kImage = "image";
constexpr std::string_view kRequirement = "requirement";
constexpr std::string_view kReport = "report";
constexpr std::string_view kListing = "listing";

// A row names what it is about, so that one which was moved to another key is no answer.
Result<void> CheckName(const json::Value& row, std::string_view key, std::string_view want) {
  XZGATE_ASSIGN(const std::string found, json::GetString(row, key, "stored row"));
  if (found != want) return InvalidArgument("row of another " + std::string(key));
  return {};
}

Result<signature::Report> ReadReport(const std::string& text, const std::string& image,
                                     std::string_view requirement) {
  XZGATE_ASSIGN(const json::Value row, json::Parse(text, kRowLimits, "stored signature report"));
  XZGATE_RETURN_IF_ERROR(CheckName(row, kImage, image));
  XZGATE_RETURN_IF_ERROR(CheckName(row, kRequirement, requirement));
  const json::Value* report = row.Find(kReport);
  if (report == nullptr) return InvalidArgument("no report");
  return signature::ReportCodec::FromJson(*report);
}

Result<signature::Listing> ReadListing(const std::string& text, const std::string& image) {
  XZGATE_ASSIGN(const json::Value row, json::Parse(text, kRowLimits, "stored listing"));
  XZGATE_RETURN_IF_ERROR(CheckName(row, kImage, image));
  const json::Value* listing = row.Find(kListing);
  if (listing == nullptr) return InvalidArgument("no listing");
  return signature::ListingFromJson(*listing);
}

Result<std::optional<std::string>> FindText(Database& database, std::string_view sql,
                                            std::initializer_list<std::string_view> key) {
  XZGATE_ASSIGN(Statement query, database.Prepare(sql));
  for (const std::string_view part : key) query.Bind(part);
  XZGATE_ASSIGN(const bool row, query.Step());
  if (!row) return std::nullopt;
  return query.Text(0);
}

std::optional<signature::Outcome> OutcomeOf(std::int64_t number) {
  if (number < 0 || number > static_cast<std::int64_t>(signature::Outcome::kUndecided))
    return std::nullopt;
  return static_cast<signature::Outcome>(number);
}

}  // namespace

Result<std::optional<signature::Report>> SqliteStore::FindSignatures(
    const oci::PinnedReference& image, std::string_view requirement) {
  const std::string digest = image.digest().ToString();
  const std::string repository = image.repository().ToString();
  XZGATE_ASSIGN(const auto text, connections_->Read([&](Database& database) {
    return FindText(
        database, "SELECT report FROM signatures WHERE digest=? AND repository=? AND requirement=?",
        {digest, repository, requirement});
  }));
  if (!text) return std::nullopt;
  auto report = ReadReport(*text, image.ToString(), requirement);
  if (report) return std::move(*report);
  logger_.Error("stored signature report is unreadable: the image is verified again",
                {{"image", image.ToString()}, {"error", report.error().message()}});
  // Unless another took its place meanwhile. What fails now is done when the row is met again.
  (void)connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement erase,
                  database.Prepare("DELETE FROM signatures WHERE digest=? AND repository=? AND "
                                   "requirement=? AND report=?"));
    return erase.Bind(digest).Bind(repository).Bind(requirement).Bind(*text).Run();
  });
  return std::nullopt;
}

Result<void> SqliteStore::PutSignatures(const oci::PinnedReference& image,
                                        std::string_view requirement,
                                        const signature::Report& report, WallTime now) {
  if (report.outcome() == signature::Outcome::kUndecided ||
      report.outcome() == signature::Outcome::kNotRequired) {
    return Internal("store: a signature report that is " +
                    std::string(signature::ToString(report.outcome())) + " is never stored");
  }
  const std::string text =
      json::Encode(json::Object{{std::string(kImage), image.ToString()},
                                {std::string(kRequirement), requirement},
                                {std::string(kReport), signature::ReportCodec::ToJson(report)}});
  const WallTime ends =
      std::min(report.valid_until(), report.made() + signature::Report::kVerifiedLife);
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(
        Statement insert,
        database.Prepare("INSERT OR REPLACE INTO signatures(digest, repository, requirement, "
                         "outcome, made, valid_until, at, report) VALUES(?,?,?,?,?,?,?,?)"));
    return insert.Bind(image.digest().ToString())
        .Bind(image.repository().ToString())
        .Bind(requirement)
        .Bind(static_cast<std::int64_t>(report.outcome()))
        .Bind(ToMillis(report.made()))
        .Bind(ToMillis(ends))
        .Bind(ToMillis(now))
        .Bind(text)
        .Run();
  });
}

Result<std::vector<SignatureState>> SqliteStore::SignatureStates(
    const oci::PinnedReference& image) {
  using States = std::vector<SignatureState>;
  return connections_->Read([&](Database& database) -> Result<States> {
    XZGATE_ASSIGN(Statement query,
                  database.Prepare("SELECT requirement, outcome, made, valid_until FROM signatures "
                                   "WHERE digest=? AND repository=?"));
    query.Bind(image.digest().ToString()).Bind(image.repository().ToString());
    States states;
    while (true) {
      XZGATE_ASSIGN(const bool row, query.Step());
      if (!row) return states;
      const auto outcome = OutcomeOf(query.Int(1));
      if (!outcome) continue;  // no version of ours wrote it
      states.push_back({.requirement = query.Text(0),
                        .outcome = *outcome,
                        .made = FromMillis(query.Int(2)),
                        .valid_until = FromMillis(query.Int(3))});
    }
  });
}

Result<std::optional<signature::Listing>> SqliteStore::FindListing(
    const oci::PinnedReference& subject) {
  const std::string digest = subject.digest().ToString();
  const std::string repository = subject.repository().ToString();
  XZGATE_ASSIGN(const auto text, connections_->Read([&](Database& database) {
    return FindText(database, "SELECT listing FROM listings WHERE digest=? AND repository=?",
                    {digest, repository});
  }));
  if (!text) return std::nullopt;
  auto listing = ReadListing(*text, subject.ToString());
  if (listing) return std::move(*listing);
  logger_.Error("stored listing is unreadable: the repository is asked again",
                {{"image", subject.ToString()}, {"error", listing.error().message()}});
  return std::nullopt;
}

Result<void> SqliteStore::PutListing(const oci::PinnedReference& subject,
                                     const signature::Listing& listing, WallTime now) {
  const std::string text =
      json::Encode(json::Object{{std::string(kImage), subject.ToString()},
                                {std::string(kListing), signature::ToJson(listing)}});
  return connections_->Write([&](Database& database) -> Result<void> {
    XZGATE_ASSIGN(Statement insert,
                  database.Prepare("INSERT OR REPLACE INTO listings(digest, repository, at, "
                                   "listing) VALUES(?,?,?,?)"));
    return insert.Bind(subject.digest().ToString())
        .Bind(subject.repository().ToString())
        .Bind(ToMillis(now))
        .Bind(text)
        .Run();
  });
}

}  // namespace xzgate::store
