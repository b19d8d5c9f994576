#include "cmd/scan_session.h"

#include <algorithm>

#include "cmd/exit_code.h"
#include "cmd/rules_file.h"
#include "scanner/registry/layout_reference.h"
#include "scanner/registry/oci_layout.h"
#include "scanner/store/sqlite_store.h"

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

RegistriesConfig RegistriesOf(const ScanFlags& flags) {
  RegistriesConfig config;
  config.ca = flags.ca;
  config.docker_config = flags.docker_config;
  config.plain_http_everywhere = flags.plain_http;
  config.typed_by_a_person = true;
  return config;
}

}  // namespace

Result<std::unique_ptr<ScanSession>> ScanSession::Create(const ScanFlags& flags, const Clock& clock,
                                                         log::Logger& logger) {
  auto pack = LoadRules(flags.rules);
  if (!pack) return Annotate(pack.error(), "--rules");
  std::unique_ptr<ScanSession> session(new ScanSession(std::move(*pack), clock, logger));
  XZGATE_ASSIGN(session->options_.platforms, ParsePlatforms(flags.platforms));
  auto store = flags.store.empty() ? store::SqliteStore::OpenInMemory(logger)
                                   : store::SqliteStore::Open(flags.store, logger);
  if (!store) return Annotate(store.error(), "--store");
  session->store_ = std::move(*store);
  auto registries = RegistryStack::Create(RegistriesOf(flags), clock, logger, nullptr);
  if (!registries) return Annotate(registries.error(), "--ca, --docker-config");
  session->registries_ = std::move(*registries);
  return session;
}

Result<ScannedImage> ScanSession::Scan(const std::string& name, const worker::Progress& progress) {
  return registry::LayoutReference::IsLayout(name) ? ScanLayout(name, progress)
                                                   : ScanReference(name, progress);
}

Result<ScannedImage> ScanSession::ScanLayout(const std::string& name,
                                             const worker::Progress& progress) {
  XZGATE_ASSIGN(const auto reference, registry::LayoutReference::Parse(name));
  auto layout = registry::OciLayout::Open(reference);
  if (!layout) return Failed(name, layout.error());
  worker::ImageScanner scanner(**layout, *store_, pack_, clock_, logger_, options_);
  const oci::PinnedReference& root = (*layout)->root();
  return ScannedImage{
      .name = name, .pinned = root, .report = scanner.Scan(root, {}, progress).report};
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

ScannedImage ScanSession::Failed(const std::string& name, const Error& error) const {
  return {.name = name,
          .pinned = std::nullopt,
          .report = rules::UnknownReport("", worker::CauseOf(error.code()), error.message(),
                                         pack_.Key())};
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
