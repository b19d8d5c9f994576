#include "cmd/verify_session.h"

#include <filesystem>
#include <utility>

#include "base/text.h"
#include "cmd/layout_name.h"
#include "cmd/policy_files.h"
#include "cmd/store_file.h"
#include "scanner/registry/oci_layout.h"
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
  parts->namespace_name = flags.namespace_name;
  if (flags.policies.empty()) {
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
    const oci::PinnedReference& root = (*layout)->root();
    return Judge(name,
                 oci::PinnedReference(root.repository(), wanted.digest.value_or(root.digest())),
                 signature::ImageVerifier(**layout, nullptr, clock_));
  }
  XZGATE_ASSIGN(const auto reference, oci::Reference::Parse(name));
  const auto digest = Resolve(reference);
  if (!digest) return Failed(name, digest.error());
  return Judge(name, oci::PinnedReference(reference.repository(), *digest),
               signature::ImageVerifier(*parts_->source, parts_->store.get(), clock_));
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
                                   const signature::ImageVerifier& verifier) const {
  VerifiedImage verified{.name = name, .pinned = image, .judged = {}};
  for (const auto& sealed : RequirementsFor(image.repository())) {
    const signature::Requirement& wanted = *sealed.requirement;
    auto report = parts_->offline ? verifier.VerifyOffline(image, wanted)
                                  : verifier.Verify(image, wanted, AccessFrom(clock_));
    verified.judged.push_back({.name = wanted.name, .report = std::move(report)});
  }
  if (!verified.judged.empty()) return verified;
  const policy::Rule& rule = parts_->policies->Match(image.repository(), parts_->namespace_name);
  auto report = rule.requires_signature_by_default
                    ? signature::Report::Undecided(
                          signature::Reason::kNoRequirement,
                          "no entry of signatures.require covers " + image.repository().ToString(),
                          clock_.WallNow())
                    : signature::Report::NotRequired();
  verified.judged.push_back({.name = rule.policy, .report = std::move(report)});
  return verified;
}

VerifiedImage VerifySession::Failed(const std::string& name, const Error& error) const {
  std::string why = error.message() + std::string(parts_->registry.HintFor(error.message()));
  return {.name = name,
          .pinned = std::nullopt,
          .judged = {{.name = parts_->policies ? "--policy" : "command line",
                      .report = signature::Report::Undecided(signature::Reason::kRegistry,
                                                             std::move(why), clock_.WallNow())}}};
}

}  // namespace xzgate::cmd
