#include "cmd/config.h"

#include <filesystem>

#include "base/byte_source.h"
#include "base/http/ip_address.h"
#include "base/text.h"
#include "base/yaml/document.h"
#include "cmd/registry_settings.h"

namespace xzgate::cmd {
namespace {

constexpr std::size_t kMaxConfigBytes = 256 * 1024;
constexpr std::uint64_t kLastPort = 65'535;
constexpr std::int64_t kDay = 24LL * 3600 * 1000;

void ReadListen(yaml::Mapping& map, ListenAddress& out) {
  std::string text;
  map.Optional("listen", text);
  const yaml::Node* node = map.node().Find("listen");
  if (node == nullptr || !node->IsScalar()) return;
  auto address = ListenAddress::Parse(text);
  if (!address) return node->Complain(map.problems(), address.error().message());
  out = std::move(*address);
}

void ReadServer(yaml::Mapping& map, ServerConfig& out) {
  ReadListen(map, out.listen);
  map.Optional("certificate", out.certificate);
  map.Optional("key", out.key);
  map.Optional("workers", out.workers, 1, 256);
  map.Optional("maxWaiting", out.max_waiting, 0, 4096);
  map.Optional("maxConnections", out.max_connections, 1, 65'536);
  map.OptionalDuration("shutdownDelay", out.shutdown_delay_ms, 0, 5 * 60'000);
}

void ReadStore(yaml::Mapping& map, StoreConfig& out) {
  map.Optional("path", out.path);
  map.OptionalDuration("retention", out.retention_ms, kDay, 3650 * kDay);
}

void ReadLog(yaml::Mapping& map, LogConfig& out) {
  static const std::vector<std::string_view> kFormats = {"text", "json"};
  static const std::vector<std::string_view> kLevels = {"debug", "info", "warning", "error"};
  auto format = static_cast<std::size_t>(out.format);
  auto level = static_cast<std::size_t>(out.level);
  map.OptionalWord("format", kFormats, format);
  map.OptionalWord("level", kLevels, level);
  out.format = static_cast<log::Format>(format);
  out.level = static_cast<log::Level>(level);
}

void ReadExtraKinds(yaml::Mapping& map, std::vector<admission::ExtraKind>& out) {
  map.Each("extraKinds", [&out](yaml::Mapping& one) {
    admission::ExtraKind extra;
    one.Optional("group", extra.group);
    one.Required("kind", extra.kind);
    one.Required("path", extra.path);
    if (extra.kind.empty() || extra.path.empty()) return;  // Required has said so
    out.push_back(std::move(extra));
    // With those before it: the first that does not fit is the one to complain of.
    if (auto table = admission::KindTable::Create(out); !table) {
      one.node().Complain(one.problems(), table.error().message());
      out.pop_back();
    }
  });
}

void ReadAdmission(yaml::Mapping& map, AdmissionConfig& out) {
  map.OptionalDuration("tagLife", out.tag_life_ms, 0, kDay);
  map.OptionalDuration("defaultTimeout", out.default_timeout_ms, 1000, 30'000);
  map.Optional("cacheEntries", out.cache_entries, 1, 10'000'000);
  ReadExtraKinds(map, out.extra_kinds);
}

void ReadPlatforms(yaml::Mapping& map, std::vector<oci::Platform>& out) {
  std::vector<std::string> texts;
  map.Optional("platforms", texts);
  const yaml::Node* list = map.node().Find("platforms");
  if (list == nullptr) return;
  for (const yaml::Node& item : list->items()) {
    if (!item.IsScalar()) continue;  // Optional has said so
    auto platform = oci::Platform::Parse(item.scalar());
    if (platform) {
      out.push_back(std::move(*platform));
    } else {
      item.Complain(map.problems(), platform.error().message());
    }
  }
}

void ReadRepository(yaml::Mapping& map, std::vector<worker::WatchedRepository>& out) {
  std::string name;
  worker::WatchedRepository watched;
  map.Required("repository", name);
  map.Optional("tags", watched.tags);
  if (watched.tags.empty()) watched.tags.emplace_back("*");
  if (name.empty()) return;  // Required has said so
  const yaml::Node& node = *map.node().Find("repository");
  const auto reference = oci::Reference::Parse(name);
  if (!reference) return node.Complain(map.problems(), reference.error().message());
  if (reference->digest() || reference->tag() != "latest" || name.ends_with(":latest")) {
    return node.Complain(map.problems(),
                         Quote(name) + ": want no tag and no digest; tags are globs of their own");
  }
  watched.repository = reference->repository();
  out.push_back(std::move(watched));
}

void ReadScanner(yaml::Mapping& map, ScannerConfig& out) {
  ReadListen(map, out.listen);
  map.Optional("threads", out.threads, 1, 64);
  ReadPlatforms(map, out.platforms);
  map.OptionalDuration("tagRefresh", out.tag_refresh_ms, 1000, 7 * kDay);
  map.Optional("maxTags", out.max_tags, 1, 100'000);
  map.Each("repositories", [&out](yaml::Mapping& one) { ReadRepository(one, out.repositories); });
  map.Section("limits", [&out](yaml::Mapping& limits) {
    limits.OptionalBytes("layerBytes", out.max_layer_bytes, 1 << 20, 1ULL << 40);
    limits.OptionalBytes("imageBytes", out.max_image_bytes, 1 << 20, 1ULL << 40);
    limits.OptionalDuration("imageTime", out.max_image_time_ms, 1000, kDay);
  });
}

// What each role cannot start without.
void CheckComplete(const Config& config, Role role, const yaml::Node& node,
                   yaml::Problems& problems) {
  if (role == Role::kScanner || role == Role::kCheck) return;
  if (config.server.certificate.empty())
    node.Complain(problems, "server.certificate: missing: want the PEM file of the certificate");
  if (config.server.key.empty())
    node.Complain(problems, "server.key: missing: want the PEM file of the private key");
}

void Anchor(const std::filesystem::path& folder, std::string& path) {
  if (!path.empty() && path.front() != '/') path = (folder / path).lexically_normal().string();
}

void AnchorPaths(const std::filesystem::path& folder, Config& config) {
  for (std::string* path : {&config.server.certificate, &config.server.key, &config.store.path,
                            &config.rules, &config.registries.docker_config}) {
    Anchor(folder, *path);
  }
  for (auto& path : config.policies) Anchor(folder, path);
  for (auto& path : config.registries.ca) Anchor(folder, path);
}

}  // namespace

Result<ListenAddress> ListenAddress::Parse(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string_view digits = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  const std::uint64_t port = ParseUint(digits).value_or(kLastPort + 1);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (port > kLastPort || !http::IpAddress::Parse(host)) {
    return InvalidArgument("address " + Quote(text) +
                           ": want IP-ADDRESS:PORT, such as \"0.0.0.0:8443\" or \"[::]:8443\"");
  }
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(port)};
}

std::string ListenAddress::ToString() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Config> ParseConfig(std::string_view text, const std::string& file, Role role) {
  yaml::Problems problems;
  const auto documents = yaml::ReadDocuments(text, file, yaml::Limits{}, problems);
  Config config;
  if (problems.empty() && documents.size() != 1) {
    problems.Add(file + ": want one YAML document, found " + std::to_string(documents.size()));
  }
  if (documents.size() == 1) {
    yaml::Mapping map(documents.front(), problems);
    map.Section("server", [&](yaml::Mapping& m) { ReadServer(m, config.server); });
    map.Section("health", [&](yaml::Mapping& m) { ReadListen(m, config.health.listen); });
    map.Section("store", [&](yaml::Mapping& m) { ReadStore(m, config.store); });
    map.Section("log", [&](yaml::Mapping& m) { ReadLog(m, config.log); });
    map.Section("admission", [&](yaml::Mapping& m) { ReadAdmission(m, config.admission); });
    map.Section("registries", [&](yaml::Mapping& m) { ReadRegistries(m, config.registries); });
    map.Section("scanner", [&](yaml::Mapping& m) { ReadScanner(m, config.scanner); });
    map.Optional("rules", config.rules);
    map.Optional("policies", config.policies);
    map.Finish();
    // Repositories that the operator configured may be anywhere, like the hosts of
    // `registries.hosts` (design.md section 4), for the webhook as for the scanner.
    for (const auto& watched : config.scanner.repositories) {
      config.registries.hosts.push_back(watched.repository.host);
    }
    CheckComplete(config, role, documents.front(), problems);
  }
  if (!problems.empty()) return std::unexpected(problems.ToError());
  AnchorPaths(std::filesystem::path(file).parent_path(), config);
  return config;
}

Result<Config> LoadConfig(const std::string& path, Role role) {
  XZGATE_ASSIGN(const std::string text, ReadFile(path, kMaxConfigBytes));
  return ParseConfig(text, path, role);
}

}  // namespace xzgate::cmd
