#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "scanner/signature/bundle.h"
#include "scanner/signature/candidate_units.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/rounds.h"
#include "scanner/signature/simple_signing.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kMaxNames = 200;  // in not_tried

Candidate MakeCandidate(const Unit& unit, Result<Material> material) {
  return {.place = unit.manifest.place,
          .manifest = unit.manifest.manifest,
          .layer = unit.layer,
          .declared_type = unit.blob.media_type,
          .material = std::move(material)};
}

// Wanted ones first, and in both parts one of each kind in turn.
template <typename T, typename IsWanted, typename Kind>
std::vector<T> InOrder(std::vector<T> items, IsWanted is_wanted, Kind kind) {
  std::vector<T> rest = TakeOthers(items, is_wanted);
  items = InRounds(std::move(items), kind);
  for (T& item : InRounds(std::move(rest), kind)) items.push_back(std::move(item));
  return items;
}

// Reads the candidates of one listing. Confined to one call.
class Reader {
 public:
  Reader(registry::ImageSource& source, const oci::Repository& repository,
         const registry::Access& access, const std::vector<std::string>& wanted, std::size_t max)
      : source_(source), repository_(repository), access_(access), wanted_(wanted), max_(max) {}

  CandidateList Run(const Listing& listing) {
    ReadManifests(listing);
    ReadBlobs();
    for (Candidate& candidate : unreadable_) {
      if (list_.tried.size() < max_) {
        list_.tried.push_back(std::move(candidate));
      } else {
        Skip(Listed{.place = candidate.place, .manifest = candidate.manifest}.ToString() + ": " +
             candidate.material.error().message());
      }
    }
    for (const Listed& listed : unread_) Skip(listed.ToString());
    for (const Listed& listed : listing.beyond) Skip(listed.ToString());
    if (skipped_ > kMaxNames) {
      list_.not_tried.push_back("and " + std::to_string(skipped_ - kMaxNames) + " more");
    }
    if (listing.has_more) list_.not_tried.emplace_back("more that were not looked at");
    list_.only_simple_not_tried = !listing.has_more && skipped_ == simple_skipped_;
    return std::move(list_);
  }

 private:
  bool IsWanted(const std::string& hint) const {
    return hint.empty() || wanted_.empty() || std::ranges::find(wanted_, hint) != wanted_.end();
  }

  void Skip(std::string name) {
    if (skipped_++ < kMaxNames) list_.not_tried.push_back(std::move(name));
  }

  // As many manifests as could fill the list by themselves; passed over ones do not count.
  void ReadManifests(const Listing& listing) {
    const auto order = InOrder(
        listing.manifests, [this](const Listed& listed) { return IsWanted(listed.hint); },
        [](const Listed& listed) {
          return listed.place == Place::kSigTag || listed.place == Place::kAttTag
                     ? std::string(ToString(listed.place))
                     : "type " + listed.hint;
        });
    std::size_t usable = 0;
    for (const Listed& listed : order) {
      if (usable == max_) {
        unread_.push_back(listed);
        continue;
      }
      const auto added = AddUnits(listed);
      if (!added) {
        unreadable_.push_back({.place = listed.place,
                               .manifest = listed.manifest,
                               .layer = 0,
                               .declared_type = {},
                               .material = std::unexpected(added.error())});
      } else if (*added > 0) {
        ++usable;
      }
    }
  }

  // How many layers of it may be signatures.
  Result<std::size_t> AddUnits(const Listed& listed) {
    XZGATE_ASSIGN(const auto bytes, source_.FetchManifest({repository_, listed.manifest}, access_));
    XZGATE_ASSIGN(auto units, ReadUnits(listed, bytes));
    std::ranges::move(units, std::back_inserter(units_));
    return units.size();
  }

  void ReadBlobs() {
    units_ = InOrder(
        std::move(units_), [this](const Unit& unit) { return IsWanted(unit.hint); },
        [](const Unit& unit) { return unit.kind; });
    std::size_t simple_tried = 0;
    for (const Unit& unit : units_) {
      if (IsSeen(unit)) continue;
      const bool simple = unit.IsSimple();
      if (list_.tried.size() == max_ || (simple && simple_tried == kMaxTried)) {
        if (simple) ++simple_skipped_;
        Skip(unit.ToString());
        continue;
      }
      if (simple) ++simple_tried;
      list_.tried.push_back(MakeCandidate(unit, ReadUnit(unit)));
    }
  }

  // A bundle is its blob alone: the same one under two manifests need not be tried twice, unless
  // one of them calls it larger or smaller than it is.
  bool IsSeen(const Unit& unit) {
    return unit.IsBundle() && !bundles_.emplace(unit.blob.digest, unit.blob.size).second;
  }

  Result<Material> ReadUnit(const Unit& unit) {
    const std::size_t max = unit.IsSimple() ? kMaxPayloadBytes : kMaxBundleBytes;
    if (unit.blob.size > max) {
      return ResourceExhausted("layer: " + std::to_string(unit.blob.size) +
                               " bytes, want at most " + std::to_string(max));
    }
    if (unit.blob.size > kMaxCandidateBytes - bytes_) {
      return ResourceExhausted("layer: " + std::to_string(unit.blob.size) +
                               " bytes, want at most " + std::to_string(kMaxCandidateBytes) +
                               " of all candidates together");
    }
    bytes_ += unit.blob.size;
    XZGATE_ASSIGN(auto blob, source_.FetchBlob(repository_, unit.blob, max, access_));
    if (unit.IsBundle()) return ParseBundle(blob.bytes);
    return ReadLegacyLayer(unit.blob, std::move(blob.bytes));
  }

  registry::ImageSource& source_;
  const oci::Repository& repository_;
  const registry::Access& access_;
  const std::vector<std::string>& wanted_;
  const std::size_t max_;
  std::vector<Unit> units_;
  std::vector<Candidate> unreadable_;
  std::vector<Listed> unread_;
  std::set<std::pair<oci::Digest, std::uint64_t>> bundles_;
  std::uint64_t bytes_ = 0;
  std::size_t skipped_ = 0;
  std::size_t simple_skipped_ = 0;
  CandidateList list_;
};

}  // namespace

CandidateList ReadCandidates(registry::ImageSource& source, const oci::Repository& repository,
                             const Listing& listing, const registry::Access& access,
                             const std::vector<std::string>& wanted, std::size_t max) {
  return Reader(source, repository, access, wanted, max).Run(listing);
}

}  // namespace xzgate::signature
