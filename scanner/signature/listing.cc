#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

constexpr std::string_view kWhere = "signature listing";

struct PlaceWords {
  Place place;
  std::string_view people;
  std::string_view json;
};
constexpr std::array<PlaceWords, 4> kPlaces = {{
    {Place::kSigTag, "sig tag", "sig_tag"},
    {Place::kAttTag, "att tag", "att_tag"},
    {Place::kReferrer, "referrer", "referrer"},
    {Place::kFallbackTag, "fallback tag", "fallback_tag"},
}};

json::Array ToArray(const std::vector<Listed>& list) {
  json::Array out;
  for (const Listed& listed : list) {
    json::Object item{{"place", ToWord(listed.place)}, {"manifest", listed.manifest.ToString()}};
    if (!listed.hint.empty()) item.emplace_back("hint", listed.hint);
    out.emplace_back(std::move(item));
  }
  return out;
}

Result<Listed> ListedFrom(const json::Value& value) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(value, {"place", "manifest", "hint"}, kWhere));
  XZGATE_ASSIGN(const std::string place, json::GetString(value, "place", kWhere));
  const auto words = std::ranges::find(kPlaces, place, &PlaceWords::json);
  if (words == kPlaces.end())
    return InvalidArgument(std::string(kWhere) + ": place: unknown word " + Quote(place));
  XZGATE_ASSIGN(const std::string text, json::GetString(value, "manifest", kWhere));
  XZGATE_ASSIGN(auto digest, oci::Digest::Parse(text));
  XZGATE_ASSIGN(auto hint, json::GetStringOr(value, "hint", "", kWhere));
  if (hint.size() > kMaxHintBytes) {
    return ResourceExhausted(std::string(kWhere) + ": hint: want at most " +
                             std::to_string(kMaxHintBytes) + " bytes");
  }
  return Listed{.place = words->place, .manifest = std::move(digest), .hint = std::move(hint)};
}

Result<std::vector<Listed>> ListFrom(const json::Value& value, std::string_view key,
                                     std::size_t max) {
  XZGATE_ASSIGN(const json::Array* array, GetList(value, key, max, kWhere));
  std::vector<Listed> list;
  for (const json::Value& item : *array) {
    XZGATE_ASSIGN(auto listed, ListedFrom(item));
    list.push_back(std::move(listed));
  }
  return list;
}

}  // namespace

std::string_view ToString(Place place) {
  return kPlaces[static_cast<std::size_t>(place)].people;
}

std::string_view ToWord(Place place) {
  return kPlaces[static_cast<std::size_t>(place)].json;
}

std::string Listing::Fingerprint() const {
  std::vector<std::string> digests;
  for (const Listed& listed : manifests) digests.push_back(listed.manifest.ToString());
  for (const Listed& listed : beyond) digests.push_back(listed.manifest.ToString());
  std::ranges::sort(digests);
  const std::string text = Join(digests, "\n") + (has_more ? "\nmore" : "");
  return crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(text));
}

json::Value ToJson(const Listing& listing) {
  return json::Object{{"manifests", ToArray(listing.manifests)},
                      {"beyond", ToArray(listing.beyond)},
                      {"has_more", listing.has_more}};
}

Result<Listing> ListingFromJson(const json::Value& value) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(value, {"manifests", "beyond", "has_more"}, kWhere));
  Listing listing;
  XZGATE_ASSIGN(listing.manifests, ListFrom(value, "manifests", kMaxCandidates));
  XZGATE_ASSIGN(listing.beyond, ListFrom(value, "beyond", kMaxBeyond));
  XZGATE_ASSIGN(listing.has_more, json::GetBool(value, "has_more", kWhere));
  return listing;
}

bool IsUnanswered(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
      return true;
    default:
      return false;
  }
}

std::string Listed::ToString() const {
  return std::string(signature::ToString(place)) + " " + manifest.ToString();
}

std::string Candidate::ToString() const {
  std::string text = std::string(signature::ToString(place)) + " " + manifest.ToShort();
  if (!declared_type.empty()) text += ", layer " + std::to_string(layer);
  return text;
}

}  // namespace xzgate::signature
