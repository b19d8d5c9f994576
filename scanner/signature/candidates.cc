#include "scanner/signature/candidates.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "scanner/registry/referrer_page.h"
#include "scanner/signature/bundle_type.h"
#include "scanner/signature/hint.h"
#include "scanner/signature/rounds.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

// cosign specs/BUNDLE_SPEC.md; OCI image-spec, annotations.md.
constexpr std::string_view kPredicateTypeHint = "dev.sigstore.bundle.predicateType";
constexpr std::string_view kCreated = "org.opencontainers.image.created";

// distribution-spec, "Referrers Tag Schema": no more of each part goes into the tag.
constexpr std::size_t kMaxTagAlgorithm = 32;
constexpr std::size_t kMaxTagHex = 64;

// Types that say nothing, or that signatures had before bundles: registries and clients write them
// for bundles too (signatures.md 2.3).
constexpr std::array<std::string_view, 6> kVagueTypes = {
    "",
    "application/vnd.oci.empty.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.dev.cosign.artifact.sig.v1+json",
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.in-toto+json"};

bool MayBeSignature(const oci::Descriptor& manifest) {
  return IsBundleType(manifest.artifact_type) ||
         std::ranges::find(kVagueTypes, manifest.artifact_type) != kVagueTypes.end();
}

std::string TagOf(const oci::Digest& digest, std::string_view suffix) {
  return std::string(crypto::ToString(digest.algorithm())) + "-" + digest.hex() +
         std::string(suffix);
}

std::string FallbackTagOf(const oci::Digest& digest) {
  return std::string(crypto::ToString(digest.algorithm())).substr(0, kMaxTagAlgorithm) + "-" +
         digest.hex().substr(0, kMaxTagHex);
}

// One manifest that was named, with what its order depends on.
struct Found {
  Listed listed;
  bool likely = true;
  std::string created;  // RFC 3339 where it is honest; compared as text
  std::size_t position = 0;
};

// Collects what the places of one repository name. Confined to one call.
class Lister {
 public:
  Lister(registry::ImageSource& source, const oci::Repository& repository,
         const oci::Digest& digest, const registry::Access& access)
      : source_(source), repository_(repository), digest_(digest), access_(access) {}

  Result<Listing> Run() {
    XZGATE_RETURN_IF_ERROR(AskTag(Place::kSigTag, TagOf(digest_, ".sig")));
    XZGATE_RETURN_IF_ERROR(AskTag(Place::kAttTag, TagOf(digest_, ".att")));
    XZGATE_RETURN_IF_ERROR(AskReferrers());
    XZGATE_RETURN_IF_ERROR(AskFallbackTag());
    return Finish();
  }

 private:
  // Absent where there is no such tag.
  Result<std::optional<oci::Digest>> Resolve(const std::string& tag) {
    if (!oci::IsTag(tag)) return std::optional<oci::Digest>();  // sha512 is too long for .sig
    XZGATE_ASSIGN(const auto reference, oci::Reference::Parse(repository_.ToString() + ":" + tag));
    auto digest = source_.Resolve(reference, access_);
    if (digest) return std::optional(std::move(*digest));
    if (digest.error().code() == ErrorCode::kNotFound) return std::optional<oci::Digest>();
    return std::unexpected(std::move(digest).error());
  }

  Result<void> AskTag(Place place, const std::string& tag) {
    XZGATE_ASSIGN(auto manifest, Resolve(tag));
    if (manifest && seen_.insert(*manifest).second)
      listing_.manifests.push_back({.place = place, .manifest = std::move(*manifest)});
    return {};
  }

  Result<void> AskReferrers() {
    auto list = source_.ListReferrers({repository_, digest_}, kMaxReferrersSeen, access_);
    if (list) {
      Take(Place::kReferrer, *list);
    } else if (list.error().code() != ErrorCode::kUnsupported) {
      return std::unexpected(std::move(list).error());
    }
    return {};
  }

  // Asked whatever the API said: registries answer with an empty list (kyverno#16678), or list only
  // what was pushed since they have the API.
  Result<void> AskFallbackTag() {
    XZGATE_ASSIGN(auto named, Resolve(FallbackTagOf(digest_)));
    if (!named) return {};
    const auto index = source_.FetchManifest({repository_, *named}, access_);
    // Named by the tag and gone since: there is no such tag.
    if (!index && index.error().code() == ErrorCode::kNotFound) return {};
    if (!index && IsUnanswered(index.error())) return std::unexpected(index.error());
    registry::ReferrerList list;
    if (index && registry::AppendReferrers(index->bytes, kMaxReferrersSeen, list)) {
      Take(Place::kFallbackTag, list);
    } else if (seen_.insert(*named).second) {
      // Reading it as a candidate will say what is wrong with it.
      found_.push_back({.listed = {.place = Place::kFallbackTag, .manifest = *named},
                        .likely = true,
                        .created = {},
                        .position = found_.size()});
    }
    return {};
  }

  void Take(Place place, const registry::ReferrerList& list) {
    listing_.has_more |= list.has_more;
    for (const oci::Descriptor& manifest : list.manifests) {
      if (!seen_.insert(manifest.digest).second) continue;
      found_.push_back({.listed = {.place = place,
                                   .manifest = manifest.digest,
                                   .hint = HintOf(manifest, kPredicateTypeHint)},
                        .likely = MayBeSignature(manifest),
                        .created = HintOf(manifest, kCreated),
                        .position = found_.size()});
    }
  }

  Listing Finish() {
    std::ranges::sort(found_, std::greater<>(), [](const Found& found) {
      return std::tuple(found.listed.hint == kCosignSignPredicate, found.created, found.position);
    });
    const auto rest = TakeOthers(found_, [](const Found& found) { return found.likely; });
    found_ = InRounds(std::move(found_), [](const Found& found) { return found.listed.hint; });
    found_.insert(found_.end(), rest.begin(), rest.end());
    for (const Found& found : found_) {
      if (listing_.manifests.size() < kMaxCandidates) {
        listing_.manifests.push_back(found.listed);
      } else if (listing_.beyond.size() < kMaxBeyond) {
        listing_.beyond.push_back(found.listed);
      } else {
        listing_.has_more = true;
      }
    }
    return std::move(listing_);
  }

  registry::ImageSource& source_;
  const oci::Repository& repository_;
  const oci::Digest& digest_;
  const registry::Access& access_;
  Listing listing_;
  std::set<oci::Digest> seen_;
  std::vector<Found> found_;  // named by an index
};

}  // namespace

Result<Listing> ListCandidates(registry::ImageSource& source, const oci::Repository& repository,
                               const oci::Digest& digest, const registry::Access& access) {
  return Lister(source, repository, digest, access).Run();
}

}  // namespace xzgate::signature
