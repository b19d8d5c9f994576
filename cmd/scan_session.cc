#include "cmd/scan_session.h"

#include "cmd/exit_code.h"
#include "cmd/layout_name.h"
#include "cmd/rules_file.h"
#include "cmd/store_file.h"
#include "scanner/registry/layout_reference.h"
#include "scanner/registry/oci_layout.h"
#include "scanner/registry/reason.h"
#include "scanner/signature/image_verifier.h"
#include "scanner/signature/listing_round.h"

namespace xzgate::cmd {
namespace {

Result<std::vector<oci::Platform>> ParsePlatforms(const std::vector<std::string>& texts) {
  std::vector<oci::Platform> platforms;
  for (const auto& text : texts) {
    auto platform = oci::Platform::Parse(text);
    if (!platform) return Annotate(platform.error(), "--platform");
    platforms.push_back(std::move(*platform));
  }
  return platforms;
}

}  // namespace

Result<std::unique_ptr<ScanSession>> ScanSession::Create(const ScanFlags& flags, const Clock& clock,
                                                         log::Logger& logger) {
  auto pack = LoadRules(flags.rules);
  if (!pack) return Annotate(pack.error(), "--rules");
  std::unique_ptr<ScanSession> session(
      new ScanSession(std::move(*pack), flags.registry, clock, logger));
  XZGATE_ASSIGN(session->options_.platforms, ParsePlatforms(flags.platforms));
  XZGATE_ASSIGN(session->store_, OpenStore(flags.store, logger));
  // A helper that is not run is why a login fails later: of the start, warnings are shown too.
  const auto start_logger = log::MakeStderrLogger(log::Format::kText, log::Level::kWarning);
  XZGATE_ASSIGN(session->registries_, flags.registry.Open(clock, *start_logger));
  return session;
}

Result<ScannedImage> ScanSession::Scan(const std::string& name, const worker::Progress& progress) {
  return registry::LayoutReference::IsLayout(name) ? ScanLayout(name, progress)
                                                   : ScanReference(name, progress);
}

Result<ScannedImage> ScanSession::ScanLayout(const std::string& name,
                                             const worker::Progress& progress) {
  XZGATE_ASSIGN(const auto wanted, LayoutName::Parse(name));
  auto layout = registry::OciLayout::Open(wanted.reference);
  if (!layout) return Failed(name, layout.error());
  worker::ImageScanner scanner(**layout, *store_, pack_, clock_, logger_, options_);
  const oci::PinnedReference& whole = (*layout)->root();
  const oci::PinnedReference root(whole.repository(), wanted.digest.value_or(whole.digest()));
  ScannedImage image{
      .name = name, .pinned = root, .report = scanner.Scan(root, {}, progress).report};
  if (root == whole && !wanted.reference.tag) NoteNames(**layout, image.report);
  return image;
}

Result<ScannedImage> ScanSession::ScanReference(const std::string& name,
                                                const worker::Progress& progress) {
  XZGATE_ASSIGN(const auto reference, oci::Reference::Parse(name));
  registry::ImageSource& source = registries_->source();
  const auto digest = source.Resolve(
      reference, {.deadline = Deadline::After(clock_.Now(), options_.max_image_time)});
  if (!digest) return Failed(name, digest.error());
  const oci::PinnedReference pinned(reference.repository(), *digest);
  worker::ImageScanner scanner(source, *store_, pack_, clock_, logger_, options_);
  return ScannedImage{
      .name = name, .pinned = pinned, .report = scanner.Scan(pinned, {}, progress).report};
}

std::vector<signature::Report> ScanSession::VerifySignatures(
    const ScannedImage& image, const std::vector<signature::SealedRequirement>& requirements) {
  std::unique_ptr<registry::OciLayout> layout;
  if (const auto name = LayoutName::Parse(image.name);
      name && registry::LayoutReference::IsLayout(image.name)) {
    if (auto opened = registry::OciLayout::Open(name->reference)) layout = std::move(*opened);
  }
  registry::ImageSource& source = layout ? *layout : registries_->source();
  signature::ListingRound round(nullptr);
  const signature::ImageVerifier verifier(source, &round, clock_);
  std::vector<signature::Report> reports;
  for (const auto& sealed : requirements) {
    const registry::Access access{.deadline =
                                      Deadline::After(clock_.Now(), options_.max_image_time)};
    reports.push_back(image.pinned
                          ? verifier.Verify(*image.pinned, *sealed.requirement, access)
                          : signature::Report::Undecided(signature::Reason::kRegistry,
                                                         image.registry_failure, clock_.WallNow()));
  }
  return reports;
}

ScannedImage ScanSession::Failed(const std::string& name, const Error& error) const {
  return {.name = name,
          .pinned = std::nullopt,
          .registry_failure = flags_.WithHint(registry::WithReason(error)),
          .report = rules::UnknownReport("", worker::CauseOf(error.code()),
                                         flags_.WithHint(error.message()), pack_.Key())};
}

int ExitCodeOf(const std::vector<ScannedImage>& images) {
  int code = kNothingFound;
  for (const auto& image : images) {
    if (rules::IsWorse(image.report.verdict, rules::Verdict::kUnknown)) return kFindings;
    if (image.report.verdict == rules::Verdict::kUnknown) code = kUndecided;
  }
  return code;
}

}  // namespace xzgate::cmd
