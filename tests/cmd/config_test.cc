#include "cmd/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::cmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

constexpr const char* kWhole = R"(
server: {listen: "[::]:9443", certificate: tls.crt, key: /abs/tls.key, workers: 8, maxWaiting: 10, maxConnections: 100, shutdownDelay: 3s}
health: {listen: 127.0.0.1:9090}
store: {path: data/store.db, retention: 48h}
log: {format: text, level: debug}
admission:
  tagLife: 90s
  defaultTimeout: 5s
  cacheEntries: 10
  extraKinds:
    - {group: argoproj.io, kind: Rollout, path: spec.template}
    - {group: ray.io, kind: RayCluster, path: spec.headGroupSpec.template}
    - {group: ray.io, kind: RayCluster, path: "spec.workerGroupSpecs[*].template"}
registries:
  hosts: [reg.internal:5000]
  allowedHosts: [cdn.internal]
  allowedCIDRs: [10.0.0.0/8]
  ca: [ca.crt]
  plainHTTP: [old.internal]
  dockerConfig: docker
  concurrency: 2
scanner:
  listen: 127.0.0.1:9091
  threads: 3
  platforms: [linux/amd64, linux/arm/v7]
  tagRefresh: 1h
  maxTags: 5
  repositories:
    - {repository: reg.internal:5000/shop/api, tags: ["v*"]}
    - {repository: debian}
  limits: {layerBytes: 1GiB, imageBytes: 2GiB, imageTime: 2m}
rules: rules.yaml
policies: [policies]
)";

TEST(ParseConfig, ReadsEveryKey) {
  const auto config = ParseConfig(kWhole, "/etc/xzgate/xzgate.yaml", Role::kServe);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->server.listen.host, "::");
  EXPECT_EQ(config->server.listen.port, 9443);
  EXPECT_EQ(config->server.certificate, "/etc/xzgate/tls.crt");
  EXPECT_EQ(config->server.key, "/abs/tls.key");
  EXPECT_EQ(config->server.workers, 8);
  EXPECT_EQ(config->server.max_waiting, 10);
  EXPECT_EQ(config->server.max_connections, 100);
  EXPECT_EQ(config->server.shutdown_delay_ms, 3'000);
  EXPECT_EQ(config->health.listen.ToString(), "127.0.0.1:9090");
  EXPECT_EQ(config->store.path, "/etc/xzgate/data/store.db");
  EXPECT_EQ(config->store.retention_ms, 48 * 3'600'000);
  EXPECT_EQ(config->log.format, log::Format::kText);
  EXPECT_EQ(config->log.level, log::Level::kDebug);
  EXPECT_EQ(config->admission.tag_life_ms, 90'000);
  EXPECT_EQ(config->admission.default_timeout_ms, 5'000);
  EXPECT_EQ(config->admission.cache_entries, 10);
  ASSERT_EQ(config->admission.extra_kinds.size(), 3U);
  EXPECT_EQ(config->admission.extra_kinds[2].kind, "RayCluster");
  EXPECT_EQ(config->admission.extra_kinds[2].path, "spec.workerGroupSpecs[*].template");
  EXPECT_THAT(config->registries.hosts,
              ElementsAre("reg.internal:5000", "reg.internal:5000", "docker.io"));
  EXPECT_THAT(config->registries.allowed_hosts, ElementsAre("cdn.internal"));
  EXPECT_THAT(config->registries.allowed_cidrs, ElementsAre("10.0.0.0/8"));
  EXPECT_THAT(config->registries.ca, ElementsAre("/etc/xzgate/ca.crt"));
  EXPECT_THAT(config->registries.plain_http, ElementsAre("old.internal"));
  EXPECT_EQ(config->registries.docker_config, "/etc/xzgate/docker");
  EXPECT_EQ(config->registries.concurrency, 2);
  EXPECT_EQ(config->scanner.listen.port, 9091);
  EXPECT_EQ(config->scanner.threads, 3);
  ASSERT_EQ(config->scanner.platforms.size(), 2U);
  EXPECT_EQ(config->scanner.platforms[1].variant, "v7");
  EXPECT_EQ(config->scanner.tag_refresh_ms, 3'600'000);
  EXPECT_EQ(config->scanner.max_tags, 5);
  ASSERT_EQ(config->scanner.repositories.size(), 2U);
  EXPECT_THAT(config->scanner.repositories[0].tags, ElementsAre("v*"));
  EXPECT_EQ(config->scanner.repositories[1].repository.ToString(), "docker.io/library/debian");
  EXPECT_THAT(config->scanner.repositories[1].tags, ElementsAre("*"));
  EXPECT_EQ(config->scanner.max_layer_bytes, 1ULL << 30);
  EXPECT_EQ(config->scanner.max_image_bytes, 2ULL << 30);
  EXPECT_EQ(config->scanner.max_image_time_ms, 120'000);
  EXPECT_EQ(config->rules, "/etc/xzgate/rules.yaml");
  EXPECT_THAT(config->policies, ElementsAre("/etc/xzgate/policies"));
}

struct BadConfig {
  std::string name;
  std::string text;
  std::string message;
};

class ParseConfigRejects : public ::testing::TestWithParam<BadConfig> {};

TEST_P(ParseConfigRejects, NamingThePlace) {
  EXPECT_THAT(ParseConfig(GetParam().text, "x.yaml", Role::kCheck),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ParseConfigRejects,
    ::testing::Values(
        BadConfig{"UnknownSection", "servers: {}\n", "servers"},
        BadConfig{"UnknownKey", "server: {port: 1}\n", "port"},
        BadConfig{"NoPort", "health: {listen: 127.0.0.1}\n",
                  "x.yaml:1:18: health.listen: address \"127.0.0.1\": want IP-ADDRESS:PORT"},
        BadConfig{"HugePort", "health: {listen: \"0.0.0.0:70000\"}\n", "want IP-ADDRESS:PORT"},
        BadConfig{"ListenOnAName", "health: {listen: localhost:8080}\n", "want IP-ADDRESS:PORT"},
        BadConfig{"ListenOnAUrl", "health: {listen: \"http://0.0.0.0:80\"}\n", "IP-ADDRESS:PORT"},
        BadConfig{"ListenOnNothing", "health: {listen: \"\"}\n", "want IP-ADDRESS:PORT"},
        BadConfig{"WorkersIsText", "server: {workers: many}\n", "workers"},
        BadConfig{"NoWorkers", "server: {workers: 0}\n", "workers"},
        BadConfig{"StopsTooLate", "server: {shutdownDelay: 301s}\n", "shutdownDelay"},
        BadConfig{"NoUnit", "admission: {tagLife: 60}\n", "tagLife"},
        BadConfig{"KindWithoutPath", "admission: {extraKinds: [{group: x, kind: X}]}\n",
                  "admission.extraKinds[0]: key \"path\" is missing"},
        BadConfig{"KindWithoutName", "admission: {extraKinds: [{group: x, path: spec}]}\n",
                  "admission.extraKinds[0]: key \"kind\" is missing"},
        BadConfig{"BadPath", "admission: {extraKinds: [{kind: X, path: \"spec.jobs[0]\"}]}\n",
                  "want keys with dots between them"},
        BadConfig{"KnownKind",
                  "admission: {extraKinds: [{group: apps, kind: Deployment, path: spec.x}]}\n",
                  "known without being named"},
        BadConfig{"KindTwice",
                  "admission: {extraKinds: [{kind: X, path: spec.x}, {kind: X, path: spec.x}]}\n",
                  "admission.extraKinds[1]"},
        BadConfig{"KindWithVersion",
                  "admission: {extraKinds: [{kind: X, version: v1, path: spec.x}]}\n", "version"},
        BadConfig{"ForgetsAtOnce", "store: {retention: 23h}\n", "store.retention"},
        BadConfig{"UnknownLevel", "log: {level: loud}\n", "loud"},
        BadConfig{"BadPlatform", "scanner: {platforms: [linux]}\n",
                  "x.yaml:1:23: scanner.platforms[0]"},
        BadConfig{"BadRepository", "scanner: {repositories: [{repository: \"UPPER/x\"}]}\n",
                  "repository"},
        BadConfig{"RepositoryWithTag",
                  "scanner:\n  repositories:\n    - repository: reg.example/x:1\n",
                  "x.yaml:3:19: scanner.repositories[0].repository: "},
        BadConfig{"NoRepository", "scanner: {repositories: [{tags: [a]}]}\n", "repository"},
        BadConfig{"DuplicateKey", "rules: a\nrules: b\n", "rules"},
        BadConfig{"Empty", "", "one YAML document"},
        BadConfig{"TwoDocuments", "rules: a\n---\nrules: b\n", "one YAML document"}),
    [](const auto& test) { return test.param.name; });

// `key: [ENTRY]` of the section `registries`, at its own place in the file.
struct RegistryEntry {
  std::string name;
  std::string key;
  std::string entry;
  std::string want;
};

Result<Config> ParseEntry(const RegistryEntry& test) {
  return ParseConfig("registries:\n  " + test.key + ":\n    - \"" + test.entry + "\"\n", "x.yaml",
                     Role::kCheck);
}

class RegistriesTake : public ::testing::TestWithParam<RegistryEntry> {};

TEST_P(RegistriesTake, TheEntry) {
  EXPECT_THAT(ParseEntry(GetParam()), IsOk());
}

INSTANTIATE_TEST_SUITE_P(
    All, RegistriesTake,
    ::testing::Values(RegistryEntry{"Host", "hosts", "reg.example", ""},
                      RegistryEntry{"HostInUpperCase", "hosts", "Reg.example", ""},
                      RegistryEntry{"HostAndPort", "hosts", "reg:5000", ""},
                      RegistryEntry{"LastPort", "hosts", "reg:65535", ""},
                      RegistryEntry{"DockerHub", "hosts", "docker.io", ""},
                      RegistryEntry{"Localhost", "plainHTTP", "localhost", ""},
                      RegistryEntry{"V6", "hosts", "[2001:db8::1]", ""},
                      RegistryEntry{"V6AndPort", "plainHTTP", "[::1]:5000", ""},
                      RegistryEntry{"Name", "allowedHosts", "cdn.internal", ""},
                      RegistryEntry{"Pattern", "allowedHosts", "*.cdn.internal", ""},
                      RegistryEntry{"Network", "allowedCIDRs", "10.0.0.0/8", ""},
                      RegistryEntry{"Address", "allowedCIDRs", "10.1.2.3", ""},
                      RegistryEntry{"V6Network", "allowedCIDRs", "fd00::/8", ""}),
    [](const auto& test) { return test.param.name; });

class RegistriesRefuse : public ::testing::TestWithParam<RegistryEntry> {};

TEST_P(RegistriesRefuse, NamingPlaceAndForm) {
  const std::string place = "x.yaml:3:7: registries." + GetParam().key + "[0]: ";
  const auto config = ParseEntry(GetParam());
  EXPECT_THAT(config, ErrorIs(ErrorCode::kInvalidArgument, place));
  EXPECT_THAT(config, ErrorIs(ErrorCode::kInvalidArgument, GetParam().want));
}

INSTANTIATE_TEST_SUITE_P(
    All, RegistriesRefuse,
    ::testing::Values(
        RegistryEntry{"Scheme", "hosts", "https://reg.example", "want HOST or HOST:PORT"},
        RegistryEntry{"Path", "hosts", "reg.example/shop", "want HOST or HOST:PORT"},
        RegistryEntry{"Pattern", "hosts", "*.example", "want HOST or HOST:PORT"},
        RegistryEntry{"NotAHostOfReferences", "hosts", "registry", "want HOST or HOST:PORT"},
        RegistryEntry{"OtherNameOfDockerHub", "hosts", "index.docker.io", "docker.io"},
        RegistryEntry{"Empty", "hosts", "", "want HOST or HOST:PORT"},
        RegistryEntry{"PortZero", "hosts", "reg:0", "port from 1 to 65535"},
        RegistryEntry{"PortTooHigh", "plainHTTP", "reg.example:65536", "port from 1 to 65535"},
        RegistryEntry{"PortIsText", "plainHTTP", "reg.example:http", "want HOST or HOST:PORT"},
        RegistryEntry{"NameWithPort", "allowedHosts", "cdn.internal:443", "without scheme, port"},
        RegistryEntry{"NameWithScheme", "allowedHosts", "http://cdn", "without scheme, port"},
        RegistryEntry{"EmptyName", "allowedHosts", "", "want a host name"},
        RegistryEntry{"PrefixTooLong", "allowedCIDRs", "10.0.0.0/33", "prefix length of 0 to 32"},
        RegistryEntry{"BitsAfterPrefix", "allowedCIDRs", "10.0.0.1/8", "bits are set"},
        RegistryEntry{"NoAddress", "allowedCIDRs", "internal", "want an address"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseConfig, ServingNeedsACertificateScanningDoesNot) {
  const auto served = ParseConfig("health: {listen: 127.0.0.1:1}\n", "x.yaml", Role::kServe);
  ASSERT_FALSE(served);
  EXPECT_THAT(served.error().message(), HasSubstr("server.certificate: missing"));
  EXPECT_THAT(served.error().message(), HasSubstr("server.key: missing"));
  EXPECT_THAT(ParseConfig("health: {listen: 127.0.0.1:1}\n", "x.yaml", Role::kScanner), IsOk());
}

TEST(ParseConfig, ReportsEveryProblemAtOnce) {
  const auto config =
      ParseConfig("server: {workers: 0, prot: 1}\nlog: {level: loud}\n", "x.yaml", Role::kCheck);
  ASSERT_FALSE(config);
  for (const char* want : {"workers", "prot", "loud"})
    EXPECT_THAT(config.error().message(), HasSubstr(want));
}

}  // namespace
}  // namespace xzgate::cmd
