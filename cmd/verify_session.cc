#include "cmd/verify_session.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/text.h"
#include "cmd/layout_name.h"
#include "cmd/policy_files.h"
#include "cmd/store_file.h"
#include "scanner/registry/oci_layout.h"
#include "scanner/registry/reason.h"
#include "scanner/signature/listing_round.h"
#include "scanner/worker/stored_documents.h"

namespace xzgate::cmd {
namespace {

constexpr std::chrono::minutes kMaxImageTime{1};
constexpr std::size_t kMaxSightings = 100'000;  // that a tag is looked for in, offline
constexpr std::string_view kWorkload = "xzgate verify";

registry::Access AccessFrom(const Clock& clock) {
  return {.deadline = Deadline::After(clock.Now(), kMaxImageTime)};
}

Result<void> CheckOffline(const VerifyFlags& flags) {
  if (!flags.offline) return {};
  std::error_code ignored;
  if (flags.store.empty())
    return InvalidArgument("--offline: want --store PATH, which an earlier call has filled");
  if (!std::filesystem::exists(flags.store, ignored))
    return NotFound("--store: " + Quote(flags.store) +
                    " does not exist; a call without --offline fills it");
  return {};
}

}  // namespace

// In the order of construction: each part borrows those above it.
struct VerifySession::Parts {
  RegistryFlags registry;
  SignerFlags signer;
  bool offline = false;
  bool keeps = false;  // a store was named
  std::string namespace_name;
  std::optional<policy::PolicySet> policies;  // or
  std::vector<signature::SealedRequirement> requirements;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<RegistryStack> registries;  // null offline
  std::unique_ptr<worker::StoredDocuments> source;
};

VerifySession::VerifySession(std::unique_ptr<Parts> parts, const Clock& clock)
    : parts_(std::move(parts)), clock_(clock) {}
VerifySession::~VerifySession() = default;

Result<std::unique_ptr<VerifySession>> VerifySession::Create(const VerifyFlags& flags,
                                                             const Clock& clock,
                                                             log::Logger& logger) {
  auto parts = std::make_unique<Parts>();
  parts->registry = flags.registry;
  parts->offline = flags.offline;
  parts->keeps = !flags.store.empty();
  parts->signer = flags.signer;
  parts->namespace_name = flags.namespace_name.value_or(std::string(kDefaultNamespace));
  if (flags.policies.empty()) {
    if (flags.namespace_name)
      return InvalidArgument("--namespace: want --policy too, whose entries go by namespaces");
    XZGATE_ASSIGN(auto requirement, flags.signer.ToRequirement());
    parts->requirements.push_back(signature::Seal(std::move(requirement)));
  } else {
    if (!flags.signer.IsEmpty())
      return InvalidArgument("--policy says who must sign what: want no other flag about that");
    auto policies = LoadPolicies(flags.policies);
    if (!policies) return Annotate(policies.error(), "--policy");
    parts->policies = std::move(*policies);
  }
  XZGATE_RETURN_IF_ERROR(CheckOffline(flags));
  XZGATE_ASSIGN(parts->store, OpenStore(flags.store, logger));
  if (!flags.offline) {
    const auto start_logger = log::MakeStderrLogger(log::Format::kText, log::Level::kWarning);
    XZGATE_ASSIGN(parts->registries, flags.registry.Open(clock, *start_logger));
  }
  parts->source = parts->registries
                      ? std::make_unique<worker::StoredDocuments>(parts->registries->source(),
                                                                  *parts->store, clock)
                      : std::make_unique<worker::StoredDocuments>(*parts->store, clock);
  return std::unique_ptr<VerifySession>(new VerifySession(std::move(parts), clock));
}

Result<VerifiedImage> VerifySession::Verify(const std::string& name) {
  if (registry::LayoutReference::IsLayout(name)) {
    XZGATE_ASSIGN(const auto wanted, LayoutName::Parse(name));
    const auto layout = registry::OciLayout::Open(wanted.reference);
    if (!layout) return Failed(name, layout.error());
    return VerifyLayout(name, wanted, **layout);
  }
  XZGATE_ASSIGN(const auto reference, oci::Reference::Parse(name));
  const auto digest = Resolve(reference);
  if (!digest) return Failed(name, digest.error());
  return Judge(name, oci::PinnedReference(reference.repository(), *digest), *parts_->source,
               parts_->store.get());
}

VerifiedImage VerifySession::VerifyLayout(const std::string& name, const LayoutName& wanted,
                                          registry::OciLayout& layout) const {
  const oci::PinnedReference& root = layout.root();
  const bool is_whole = !wanted.digest && !wanted.reference.tag;
  const auto only = is_whole ? layout.FindOnlyImage() : std::nullopt;
  VerifiedImage verified = Judge(
      name,
      oci::PinnedReference(root.repository(), only.value_or(wanted.digest.value_or(root.digest()))),
      layout, nullptr);
  if (is_whole && !only) {
    for (auto& judged : verified.judged) {
      if (judged.report.reason() == signature::Reason::kUnsigned)
        judged.hint = "several images? oci:DIR:TAG or oci:DIR@DIGEST";
    }
  }
  return verified;
}

// Offline a tag names what it was last seen to name.
Result<oci::Digest> VerifySession::Resolve(const oci::Reference& reference) {
  if (reference.digest()) return *reference.digest();
  if (!parts_->offline) {
    XZGATE_ASSIGN(auto digest, parts_->source->Resolve(reference, AccessFrom(clock_)));
    if (parts_->keeps) {
      XZGATE_RETURN_IF_ERROR(parts_->store->RecordSighting(
          {.image = oci::PinnedReference(reference.repository(), digest).ToString(),
           .reference = reference.ToString(),
           .workload = std::string(kWorkload) + " " + reference.ToString(),
           .namespace_name = "",
           .when = clock_.WallNow()}));
    }
    return digest;
  }
  XZGATE_ASSIGN(const auto seen, parts_->store->RecentSightings(kMaxSightings));
  for (const auto& sighting : seen) {
    const auto known = oci::Reference::Parse(sighting.reference);
    const auto image = oci::PinnedReference::Parse(sighting.image);
    if (known && image && *known == reference) return image->digest();
  }
  return Unavailable("the store has never seen " + reference.ToString() +
                     ": give its digest, or ask once without --offline");
}

std::vector<signature::SealedRequirement> VerifySession::RequirementsFor(
    const oci::Repository& repository) const {
  if (!parts_->policies) return parts_->requirements;
  return parts_->policies->RequirementsFor(repository, parts_->namespace_name);
}

VerifiedImage VerifySession::Judge(const std::string& name, const oci::PinnedReference& image,
                                   registry::ImageSource& source,
                                   signature::ListingMemory* memory) const {
  signature::ListingRound round(memory);
  const signature::ImageVerifier verifier(source, &round, clock_);
  VerifiedImage verified{.name = name, .pinned = image, .judged = {}};
  for (const auto& sealed : RequirementsFor(image.repository())) {
    const signature::Requirement& wanted = *sealed.requirement;
    auto report = parts_->offline ? verifier.VerifyOffline(image, wanted)
                                  : verifier.Verify(image, wanted, AccessFrom(clock_));
    verified.judged.push_back(Judged(wanted.name, wanted.entry, std::move(report)));
  }
  if (parts_->policies) {
    const policy::Rule& rule = parts_->policies->Match(image.repository(), parts_->namespace_name);
    verified.policy = {.name = rule.policy,
                       .is_built_in = rule.place.empty(),
                       .namespace_name = parts_->namespace_name};
    if (verified.judged.empty()) verified.judged.push_back(Uncovered(rule, image.repository()));
  }
  CheckExists(image, source, verified);
  return verified;
}

JudgedRequirement VerifySession::Judged(std::string name, std::string entry,
                                        signature::Report report) const {
  std::string hint(report.reason() == signature::Reason::kRegistry
                       ? parts_->registry.HintFor(report.detail())
                       : parts_->signer.HintFor(report.reason()));
  return {.name = std::move(name),
          .entry = std::move(entry),
          .report = std::move(report),
          .hint = std::move(hint)};
}

JudgedRequirement VerifySession::Uncovered(const policy::Rule& rule,
                                           const oci::Repository& repository) const {
  auto report =
      rule.requires_signature_by_default
          ? signature::Report::Undecided(
                signature::Reason::kNoRequirement,
                "no entry of signatures.require covers " + repository.ToString(), clock_.WallNow())
          : signature::Report::NotRequired();
  return Judged(rule.policy, "", std::move(report));
}

// A digest may be typed wrong: what is not there has nothing that signs it. Asked once, and only
// where nothing was found.
void VerifySession::CheckExists(const oci::PinnedReference& image, registry::ImageSource& source,
                                VerifiedImage& verified) const {
  const auto found_nothing = [](const JudgedRequirement& judged) {
    return judged.report.reason() == signature::Reason::kUnsigned &&
           judged.report.candidates().empty();
  };
  if (parts_->offline || !std::ranges::all_of(verified.judged, found_nothing)) return;
  const auto manifest = source.FetchManifest(image, AccessFrom(clock_));
  if (manifest || manifest.error().code() != ErrorCode::kNotFound) return;
  for (auto& judged : verified.judged) {
    judged.report = signature::Report::Undecided(
        signature::Reason::kRegistry, "no such image: " + registry::WithReason(manifest.error()),
        clock_.WallNow());
  }
}

VerifiedImage VerifySession::Failed(const std::string& name, const Error& error) const {
  VerifiedImage failed{.name = name, .pinned = std::nullopt, .judged = {}};
  failed.judged.push_back(
      Judged(parts_->policies ? "--policy" : "command line", "",
             signature::Report::Undecided(signature::Reason::kRegistry, registry::WithReason(error),
                                          clock_.WallNow())));
  return failed;
}

std::string JudgedRequirement::Title() const {
  return Quote(name) + (entry.empty() ? "" : ", " + entry);
}

}  // namespace xzgate::cmd
