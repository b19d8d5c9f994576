#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/bundle_type.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/hint.h"
#include "scanner/signature/rounds.h"
#include "scanner/signature/simple_signing.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

// cosign cmd/cosign/cli/attest/attest.go writes it to a layer of an .att manifest: a hint.
constexpr std::string_view kLayerPredicateType = "predicateType";

constexpr std::size_t kMaxNames = 200;  // in not_tried

// One layer that may be a signature.
struct Unit {
  Listed manifest;
  std::size_t layer = 0;
  oci::Descriptor blob;
  std::string kind;  // those of a kind stand in one line
  bool wanted = true;
};

bool IsSignatureType(std::string_view type) {
  return type == kSimpleSigningType || type == kDsseLayerType || IsBundleType(type);
}

bool IsSimple(const oci::Descriptor& layer) {
  return layer.media_type == kSimpleSigningType;
}

bool IsBundle(const oci::Manifest& manifest) {
  return IsBundleType(manifest.artifact_type) || IsBundleType(manifest.config.media_type) ||
         std::ranges::any_of(manifest.layers, [](const oci::Descriptor& layer) {
           return IsBundleType(layer.media_type);
         });
}

Candidate MakeCandidate(const Unit& unit, Result<Material> material) {
  return {.place = unit.manifest.place,
          .manifest = unit.manifest.manifest,
          .layer = unit.layer,
          .declared_type = unit.blob.media_type,
          .material = std::move(material)};
}

std::string NameOf(const Listed& listed) {
  return std::string(ToString(listed.place)) + " " + listed.manifest.ToShort();
}
std::string NameOf(const Unit& unit) {
  return NameOf(unit.manifest) + ", layer " + std::to_string(unit.layer);
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
    ReadUnits();
    for (Candidate& candidate : unreadable_) {
      if (list_.tried.size() < max_) {
        list_.tried.push_back(std::move(candidate));
      } else {
        Skip(candidate.ToString() + ": " + candidate.material.error().message());
      }
    }
    for (const Listed& listed : unread_) Skip(NameOf(listed));
    for (const Listed& listed : listing.beyond) Skip(NameOf(listed));
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
    XZGATE_ASSIGN(const auto document, oci::ParseDocument(bytes.bytes, bytes.content_type, ""));
    const auto* manifest = std::get_if<oci::Manifest>(&document);
    if (manifest == nullptr) {
      // ListCandidates names a fallback tag's own index only where it could not read it.
      if (listed.place != Place::kFallbackTag) return 0U;
      return Unsupported("an index that holds no signature and cannot be read as referrers");
    }
    if (IsBundle(*manifest) && manifest->layers.size() != 1) {
      return InvalidArgument("bundle manifest: want 1 layer, found " +
                             std::to_string(manifest->layers.size()));
    }
    std::size_t added = 0;
    // cosign appends: the last layer is the newest.
    for (std::size_t i = manifest->layers.size(); i-- > 0;) {
      const oci::Descriptor& layer = manifest->layers[i];
      if (!IsSignatureType(layer.media_type)) continue;
      ++added;
      AddUnit(listed, i, layer);
    }
    return added;
  }

  void AddUnit(const Listed& listed, std::size_t index, const oci::Descriptor& layer) {
    const std::string hint = IsSimple(layer)                  ? std::string(kCosignSignPredicate)
                             : IsBundleType(layer.media_type) ? listed.hint
                                                              : HintOf(layer, kLayerPredicateType);
    units_.push_back({.manifest = listed,
                      .layer = index,
                      .blob = layer,
                      .kind = layer.media_type + " " + hint,
                      .wanted = IsWanted(hint)});
  }

  void ReadUnits() {
    units_ = InOrder(
        std::move(units_), [](const Unit& unit) { return unit.wanted; },
        [](const Unit& unit) { return unit.kind; });
    std::size_t simple_tried = 0;
    for (const Unit& unit : units_) {
      if (IsSeen(unit.blob)) continue;
      const bool simple = IsSimple(unit.blob);
      if (list_.tried.size() == max_ || (simple && simple_tried == kMaxTried)) {
        if (simple) ++simple_skipped_;
        Skip(NameOf(unit));
        continue;
      }
      if (simple) ++simple_tried;
      list_.tried.push_back(MakeCandidate(unit, ReadUnit(unit)));
    }
  }

  // A bundle is its blob alone: the same one under two manifests need not be tried twice, unless
  // one of them calls it larger or smaller than it is.
  bool IsSeen(const oci::Descriptor& blob) {
    return IsBundleType(blob.media_type) && !bundles_.emplace(blob.digest, blob.size).second;
  }

  Result<Material> ReadUnit(const Unit& unit) {
    const std::size_t max = IsSimple(unit.blob) ? kMaxPayloadBytes : kMaxBundleBytes;
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
    if (IsBundleType(unit.blob.media_type)) return ParseBundle(blob.bytes);
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
