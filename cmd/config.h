#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/log/logger.h"
#include "base/result.h"
#include "scanner/oci/platform.h"
#include "scanner/worker/service.h"
#include "webhook/admission/kind_table.h"

namespace xzgate::cmd {

// An address to listen on: "0.0.0.0:8443", "[::]:8443".
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;

  static Result<ListenAddress> Parse(std::string_view text);
  std::string ToString() const;
};

// The TLS listener that the API server calls.
struct ServerConfig {
  ListenAddress listen{"0.0.0.0", 8443};
  std::string certificate;   // PEM file: leaf, then its chain; reloaded when it changes
  std::string key;           // PEM file
  std::int64_t workers = 4;  // threads that run handlers
  std::int64_t max_waiting =
      256;  // requests that may wait for a scan at once, each on a thread of its own
  std::int64_t max_connections = 2048;
  // After SIGTERM: how long requests are still taken, with readiness failing. A pod's endpoints are
  // gone from the API server's view a second or two after it is told to end.
  std::int64_t shutdown_delay_ms = 5'000;
};

// Health, readiness and metrics, over plain http.
struct HealthConfig {
  ListenAddress listen{"0.0.0.0", 8080};
};

struct StoreConfig {
  std::string path = "/var/lib/xzgate/store.db";
  std::int64_t retention_ms = 90LL * 24 * 3600 * 1000;  // what nobody used for so long is forgotten
};

struct LogConfig {
  log::Format format = log::Format::kJson;
  log::Level level = log::Level::kInfo;
};

struct AdmissionConfig {
  std::int64_t tag_life_ms = 60'000;         // how long a tag's digest is believed
  std::int64_t default_timeout_ms = 10'000;  // when the API server names none
  std::int64_t cache_entries = 50'000;       // reports held in memory
  // Kinds that are not Kubernetes' own, and where their pod templates are.
  std::vector<admission::ExtraKind> extra_kinds;
};

struct RegistriesConfig {
  std::vector<std::string> hosts;  // known registries: may be anywhere, private addresses included
  std::vector<std::string>
      allowed_hosts;  // further hosts that a pod or an answer may name although they are not public
  std::vector<std::string> allowed_cidrs;
  std::vector<std::string> ca;          // PEM files, trusted besides the system's authorities
  std::vector<std::string> plain_http;  // hosts without TLS
  std::string docker_config;            // folder of a Docker config.json
  std::int64_t concurrency = 4;         // requests at once to one host
  // Set by the command line only: no registry of this call has TLS; every registry was typed by a
  // person and may be anywhere.
  bool plain_http_everywhere = false;
  bool typed_by_a_person = false;
};

struct ScannerConfig {
  ListenAddress listen{"127.0.0.1", 8081};  // its health and metrics
  std::int64_t threads = 2;
  std::vector<oci::Platform> platforms;  // deciding ones; empty: every Linux platform
  std::int64_t tag_refresh_ms = 600'000;
  std::int64_t max_tags = 1000;
  std::vector<worker::WatchedRepository> repositories;
  std::uint64_t max_layer_bytes = 32ULL << 30;
  std::uint64_t max_image_bytes = 64ULL << 30;
  std::int64_t max_image_time_ms = 15 * 60'000;
};

// The whole configuration (docs/configuration.md). Relative paths are relative to the file.
// Immutable once loaded.
struct Config {
  ServerConfig server;
  HealthConfig health;
  StoreConfig store;
  LogConfig log;
  AdmissionConfig admission;
  RegistriesConfig registries;
  ScannerConfig scanner;
  std::string rules;                  // rule pack file, "" for the built-in one
  std::vector<std::string> policies;  // files, or folders whose *.yaml are read in order of name
};

// Which parts must be complete.
enum class Role : std::uint8_t { kServe, kWebhook, kScanner, kCheck };

// Reads and checks a file. Errors: those of ReadFile; kInvalidArgument with every problem, a line
// each.
Result<Config> LoadConfig(const std::string& path, Role role);

// The same from a text; `file` names it and its folder is where relative paths start.
Result<Config> ParseConfig(std::string_view text, const std::string& file, Role role);

}  // namespace xzgate::cmd
