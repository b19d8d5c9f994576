#include "cmd/scan_session.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "base/byte_source.h"
#include "base/text.h"
#include "cmd/exit_code.h"
#include "cmd/layout_name.h"
#include "cmd/local_path.h"
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

// A damaged store is set aside and replaced; a file that never was one is a typing error, and
// somebody's image.
Result<void> CheckStore(const std::string& path) {
  constexpr std::string_view kHeader("SQLite format 3\0", 16);  // sqlite.org/fileformat2.html 1.3
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  XZGATE_ASSIGN(const auto file, FileSource::Open(path));
  std::array<std::uint8_t, kHeader.size()> bytes{};
  std::size_t size = 0;
  while (size < bytes.size()) {
    XZGATE_ASSIGN(const std::size_t more, file->Read(std::span(bytes).subspan(size)));
    if (more == 0) break;
    size += more;
  }
  if (size == 0 || AsText(Bytes(bytes).first(size)) == kHeader) return {};
  return InvalidArgument(Quote(path) + " is not an xzgate store");
}

// What a message of the stack, which knows settings, is about at the command line.
Error AsFlag(const Error& error) {
  constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
      {"registries.ca: ", "--ca: "}, {"registries.dockerConfig: ", "--docker-config: "}};
  for (const auto& [setting, flag] : kFlags) {
    if (error.message().starts_with(setting))
      return Error(error.code(), std::string(flag) + error.message().substr(setting.size()));
  }
  return error;
}

// The flag that is missing or too many, where the message alone leads nobody to it.
std::string_view FlagHint(const std::string& message, bool plain_http) {
  const auto says = [&message](std::string_view words) {
    return message.find(words) != message.npos;
  };
  if (says("wrong version number") || says("packet length too long"))
    return " (no TLS there? --plain-http)";
  if (says("local issuer certificate") || says("self-signed certificate") ||
      says("self signed certificate"))
    return " (an authority of your own? --ca FILE)";
  // What servers with TLS answer to plain HTTP, in a body of no known form.
  if (plain_http && says("found 400")) return " (TLS there? leave --plain-http out)";
  return "";
}

}  // namespace

Result<std::unique_ptr<ScanSession>> ScanSession::Create(const ScanFlags& flags, const Clock& clock,
                                                         log::Logger& logger) {
  auto pack = LoadRules(flags.rules);
  if (!pack) return Annotate(pack.error(), "--rules");
  std::unique_ptr<ScanSession> session(
      new ScanSession(std::move(*pack), flags.plain_http, clock, logger));
  XZGATE_ASSIGN(session->options_.platforms, ParsePlatforms(flags.platforms));
  if (const auto checked = CheckStore(flags.store); !checked)
    return Annotate(checked.error(), "--store");
  auto store = flags.store.empty() ? store::SqliteStore::OpenInMemory(logger)
                                   : store::SqliteStore::Open(flags.store, logger);
  if (!store) return Annotate(store.error(), "--store");
  session->store_ = std::move(*store);
  // A helper that is not run is why a login fails later: of the start, warnings are shown too.
  const auto start_logger = log::MakeStderrLogger(log::Format::kText, log::Level::kWarning);
  auto registries = RegistryStack::Create(RegistriesOf(flags), clock, *start_logger, nullptr);
  if (!registries) return std::unexpected(AsFlag(registries.error()));
  session->registries_ = std::move(*registries);
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

ScannedImage ScanSession::Failed(const std::string& name, const Error& error) const {
  return {.name = name,
          .pinned = std::nullopt,
          .report = rules::UnknownReport(
              "", worker::CauseOf(error.code()),
              error.message() + std::string(FlagHint(error.message(), plain_http_)), pack_.Key())};
}

void PrintHint(std::string_view command, const ScannedImage& image) {
  if (image.pinned) return;
  if (const auto hint = HintOf(image.name))
    std::fputs(("xzgate " + std::string(command) + ": note: " + *hint + "\n").c_str(), stderr);
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
