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
server: {listen: "[::]:9443", certificate: tls.crt, key: /abs/tls.key, workers: 8, maxWaiting: 10, maxConnections: 100}
health: {listen: 127.0.0.1:9090}
store: {path: data/store.db}
log: {format: text, level: debug}
admission: {tagLife: 90s, defaultTimeout: 5s, cacheEntries: 10}
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
  name: one
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
  EXPECT_EQ(config->health.listen.ToString(), "127.0.0.1:9090");
  EXPECT_EQ(config->store.path, "/etc/xzgate/data/store.db");
  EXPECT_EQ(config->log.format, log::Format::kText);
  EXPECT_EQ(config->log.level, log::Level::kDebug);
  EXPECT_EQ(config->admission.tag_life_ms, 90'000);
  EXPECT_EQ(config->admission.default_timeout_ms, 5'000);
  EXPECT_EQ(config->admission.cache_entries, 10);
  EXPECT_THAT(config->registries.hosts,
              ElementsAre("reg.internal:5000", "reg.internal:5000", "docker.io"));
  EXPECT_THAT(config->registries.allowed_hosts, ElementsAre("cdn.internal"));
  EXPECT_THAT(config->registries.allowed_cidrs, ElementsAre("10.0.0.0/8"));
  EXPECT_THAT(config->registries.ca, ElementsAre("/etc/xzgate/ca.crt"));
  EXPECT_THAT(config->registries.plain_http, ElementsAre("old.internal"));
  EXPECT_EQ(config->registries.docker_config, "/etc/xzgate/docker");
  EXPECT_EQ(config->registries.concurrency, 2);
  EXPECT_EQ(config->scanner.listen.port, 9091);
  EXPECT_EQ(config->scanner.name, "one");
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
        BadConfig{"NoPort", "health: {listen: localhost}\n", "want ADDRESS:PORT"},
        BadConfig{"HugePort", "health: {listen: \"0.0.0.0:70000\"}\n", "want ADDRESS:PORT"},
        BadConfig{"WorkersIsText", "server: {workers: many}\n", "workers"},
        BadConfig{"NoWorkers", "server: {workers: 0}\n", "workers"},
        BadConfig{"NoUnit", "admission: {tagLife: 60}\n", "tagLife"},
        BadConfig{"UnknownLevel", "log: {level: loud}\n", "loud"},
        BadConfig{"BadPlatform", "scanner: {platforms: [linux]}\n", "platforms"},
        BadConfig{"BadRepository", "scanner: {repositories: [{repository: \"UPPER/x\"}]}\n",
                  "repository"},
        BadConfig{"NoRepository", "scanner: {repositories: [{tags: [a]}]}\n", "repository"},
        BadConfig{"DuplicateKey", "rules: a\nrules: b\n", "rules"},
        BadConfig{"Empty", "", "one YAML document"},
        BadConfig{"TwoDocuments", "rules: a\n---\nrules: b\n", "one YAML document"}),
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
