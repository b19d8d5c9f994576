#include "scanner/signature/image_verifier.h"

#include <utility>
#include <variant>

#include "base/text.h"
#include "scanner/registry/reason.h"
#include "scanner/signature/attestations.h"
#include "scanner/signature/requirement_check.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

// What may be of use, to be tried first.
std::vector<std::string> WantedTypes(const Requirement& requirement) {
  std::vector<std::string> types;
  if (requirement.signatures) types.emplace_back(kCosignSignPredicate);
  for (const AttestationRule& rule : requirement.attestations) types.push_back(rule.predicate_type);
  return types;
}

std::size_t MaxTried(const Requirement& requirement) {
  return MustSeeAll(requirement) ? kMaxCandidates : kMaxTried;
}

// buildx calls its attestations so, and no node would choose them; what they are only their bytes
// tell.
bool IsNoPlatform(const oci::Descriptor& child) {
  return child.platform && child.platform->os == "unknown";
}

// One verification of one image. Confined to one call.
class Verification {
 public:
  Verification(registry::ImageSource& source, ListingMemory* memory, WallTime now,
               const oci::Repository& images, const Requirement& requirement,
               const registry::Access& access, bool is_offline)
      : source_(source),
        memory_(memory),
        now_(now),
        images_(images),
        signatures_(requirement.signature_repository.value_or(images)),
        requirement_(requirement),
        access_(access),
        is_offline_(is_offline),
        wanted_(WantedTypes(requirement)) {}

  // `level` counts the indexes above, this one included if it is one.
  Report Judge(const oci::Digest& digest, std::size_t level) {
    Report own = JudgeAlone(digest);
    if (own.outcome() == Outcome::kVerified || !requirement_.verify_children || is_lost_ ||
        level > oci::kMaxIndexDepth) {
      return own;
    }
    const auto document = Document(digest);
    if (!document && IsUnanswered(document.error())) return Lost(document.error());
    const auto* index = document ? std::get_if<oci::Index>(&*document) : nullptr;
    return index == nullptr ? own : JudgeChildren(std::move(own), *index, level);
  }

 private:
  Report JudgeAlone(const oci::Digest& digest) {
    const auto listing = List({signatures_, digest});
    if (!listing) return Lost(listing.error());
    return RequirementCheck::Judge(
        requirement_, digest,
        ReadCandidates(source_, signatures_, *listing, access_, wanted_, MaxTried(requirement_)),
        listing->Fingerprint(), now_);
  }

  // Not verified as long as one child is not, or is not looked at.
  Report JudgeChildren(Report own, const oci::Index& index, std::size_t level) {
    std::vector<Report> reports;
    for (const oci::Descriptor& child : index.manifests) {
      if (IsNoPlatform(child)) {
        const auto document = Document(child.digest);
        if (!document && IsUnanswered(document.error())) return Lost(document.error());
        const auto* manifest = document ? std::get_if<oci::Manifest>(&*document) : nullptr;
        if (manifest != nullptr && manifest->IsAttestation()) continue;
      }
      if (children_++ == oci::kMaxPlatforms) return own;
      reports.push_back(Judge(child.digest, level + 1));
      if (is_lost_) return reports.back();
    }
    return reports.empty() ? own : RequirementCheck::JudgeChildren(own, reports);
  }

  Result<Listing> List(const oci::PinnedReference& subject) {
    if (is_offline_) return Remembered(subject);
    if (memory_ != nullptr) {
      if (auto fresh = memory_->FindFresh(subject)) return *std::move(fresh);
    }
    auto listing = ListCandidates(source_, subject.repository(), subject.digest(), access_);
    // What cannot be remembered is listed again.
    if (listing && memory_ != nullptr) (void)memory_->PutListing(subject, *listing, now_);
    return listing;
  }

  Result<Listing> Remembered(const oci::PinnedReference& subject) {
    if (memory_ == nullptr) return NotFound("offline, and nothing is kept between runs");
    XZGATE_ASSIGN(auto listing, memory_->FindListing(subject));
    if (!listing) {
      return NotFound("offline, and what signs " + Quote(subject.ToString()) + " was never seen");
    }
    return std::move(*listing);
  }

  Result<oci::Document> Document(const oci::Digest& digest) {
    XZGATE_ASSIGN(const auto bytes, source_.FetchManifest({images_, digest}, access_));
    return oci::ParseDocument(bytes.bytes, bytes.content_type, "");
  }

  // The registry could not be asked: nothing more is asked of it.
  Report Lost(const Error& error) {
    is_lost_ = true;
    return Report::Undecided(Reason::kRegistry, registry::WithReason(error), now_);
  }

  registry::ImageSource& source_;
  ListingMemory* const memory_;
  const WallTime now_;
  const oci::Repository& images_;
  const oci::Repository signatures_;
  const Requirement& requirement_;
  const registry::Access& access_;
  const bool is_offline_;
  const std::vector<std::string> wanted_;
  std::size_t children_ = 0;
  bool is_lost_ = false;
};

}  // namespace

Report ImageVerifier::Verify(const oci::PinnedReference& image, const Requirement& requirement,
                             const registry::Access& access) const {
  return Verification(source_, memory_, clock_.WallNow(), image.repository(), requirement, access,
                      false)
      .Judge(image.digest(), 1);
}

Report ImageVerifier::VerifyOffline(const oci::PinnedReference& image,
                                    const Requirement& requirement) const {
  // A source that would ask the network all the same has no time for it.
  const registry::Access access{.deadline = Deadline::At(clock_.Now())};
  return Verification(source_, memory_, clock_.WallNow(), image.repository(), requirement, access,
                      true)
      .Judge(image.digest(), 1);
}

}  // namespace xzgate::signature
