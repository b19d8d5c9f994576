// The samples in docs/ are what users start from: each is read as the program reads it. What the
// pages list is compared with what the sources have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/json/reader.h"
#include "base/yaml/document.h"
#include "cmd/config.h"
#include "scanner/rules/report.h"
#include "scanner/rules/rule_pack.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_key.h"
#include "tests/support/signing/test_sigstore.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {
namespace {

using ::testing::Not;
using ::testing::SizeIs;
using ::xzgate::testing::IsOk;

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 1024 * 1024;

std::string Source(const std::string& path) {
  const char* root = std::getenv("XZGATE_SOURCE_DIR");
  const auto text = ReadFile(std::string(root == nullptr ? "." : root) + "/" + path, kMaxBytes);
  EXPECT_THAT(text, IsOk()) << path;
  return text.value_or("");
}

// The fenced blocks of a page in one language.
std::vector<std::string> Blocks(const std::string& page, const std::string& language) {
  const std::string text = Source(page);
  const std::string fence = "\n```" + language + "\n";
  std::vector<std::string> blocks;
  for (auto at = text.find(fence); at != text.npos; at = text.find(fence, at)) {
    at += fence.size();
    blocks.push_back(text.substr(at, text.find("\n```", at) + 1 - at));
  }
  return blocks;
}

TEST(Docs, EveryYamlSampleIsYaml) {
  for (const char* page : {"README.md", "docs/configuration.md", "docs/detection.md",
                           "docs/install.md", "docs/policy.md", "docs/signatures.md"}) {
    for (const auto& block : Blocks(page, "yaml")) {
      yaml::Problems problems;
      EXPECT_THAT(yaml::ReadDocuments(block, page, {}, problems), Not(SizeIs(0)));
      EXPECT_TRUE(problems.empty()) << problems.ToError().message();
    }
  }
}

TEST(Docs, TheConfigurationIsReadAndShowsTheDefaults) {
  const auto blocks = Blocks("docs/configuration.md", "yaml");
  ASSERT_THAT(blocks, SizeIs(1));
  const auto shown = ParseConfig(blocks[0], "docs/configuration.md", Role::kServe);
  ASSERT_THAT(shown, IsOk());
  const Config defaults;
  EXPECT_EQ(shown->server.listen.ToString(), defaults.server.listen.ToString());
  EXPECT_EQ(shown->server.workers, defaults.server.workers);
  EXPECT_EQ(shown->server.max_waiting, defaults.server.max_waiting);
  EXPECT_EQ(shown->server.max_connections, defaults.server.max_connections);
  EXPECT_EQ(shown->health.listen.ToString(), defaults.health.listen.ToString());
  EXPECT_EQ(shown->store.path, defaults.store.path);
  EXPECT_EQ(shown->store.retention_ms, defaults.store.retention_ms);
  EXPECT_EQ(shown->log.format, defaults.log.format);
  EXPECT_EQ(shown->log.level, defaults.log.level);
  EXPECT_EQ(shown->admission.tag_life_ms, defaults.admission.tag_life_ms);
  EXPECT_EQ(shown->admission.default_timeout_ms, defaults.admission.default_timeout_ms);
  EXPECT_EQ(shown->admission.cache_entries, defaults.admission.cache_entries);
  EXPECT_EQ(shown->registries.concurrency, defaults.registries.concurrency);
  EXPECT_EQ(shown->scanner.listen.ToString(), defaults.scanner.listen.ToString());
  EXPECT_EQ(shown->scanner.threads, defaults.scanner.threads);
  EXPECT_EQ(shown->scanner.tag_refresh_ms, defaults.scanner.tag_refresh_ms);
  EXPECT_EQ(shown->scanner.max_tags, defaults.scanner.max_tags);
  EXPECT_EQ(shown->scanner.max_layer_bytes, defaults.scanner.max_layer_bytes);
  EXPECT_EQ(shown->scanner.max_image_bytes, defaults.scanner.max_image_bytes);
  EXPECT_EQ(shown->scanner.max_image_time_ms, defaults.scanner.max_image_time_ms);
}

// The one to look around with, and the one for a cluster, with its policy.
TEST(Docs, WhatIsToBeInstalledIsRead) {
  std::size_t configurations = 0;
  std::size_t policies = 0;
  for (const auto& block : Blocks("docs/install.md", "yaml")) {
    if (block.starts_with("server:")) {
      ++configurations;
      EXPECT_THAT(ParseConfig(block, "docs/install.md", Role::kServe), IsOk());
    } else if (block.starts_with("apiVersion: xzgate.dev/v1")) {
      ++policies;
      EXPECT_THAT(policy::PolicySet::Parse({{"docs/install.md", block}}), IsOk());
    }
  }
  EXPECT_EQ(configurations, 2U);
  EXPECT_EQ(policies, 1U);
}

// Every one of docs/signatures.md can be used as it stands, once its key is there.
Result<std::string> ReadNamed(const std::string& path, std::size_t);

TEST(Docs, EveryReadyPolicyIsOne) {
  const auto blocks = Blocks("docs/signatures.md", "yaml");
  EXPECT_THAT(blocks, Not(SizeIs(0)));
  for (const auto& block : blocks) {
    const auto policies = policy::PolicySet::Parse({{"docs/signatures.md", block}}, ReadNamed);
    ASSERT_THAT(policies, IsOk()) << block;
    EXPECT_THAT(policies->notes(), SizeIs(0)) << block;
  }
}

// The files that the samples name: a key, an authority's certificate, or a trusted root.
Result<std::string> ReadNamed(const std::string& path, std::size_t) {
  if (path.ends_with(".pub"))
    return xzgate::testing::TestKey::Shared(xzgate::testing::KeyType::kP256).PublicPem();
  if (path.ends_with(".json")) return xzgate::testing::TestSigstore::Default().TrustedRoot();
  if (!path.ends_with(".pem"))
    return NotFound("file " + path + ": only *.pub, *.pem and *.json are there");
  static const auto kRoot = xzgate::testing::TestAuthority::Root(xzgate::testing::RootWish("corp"));
  return kRoot.Pem();
}

TEST(Docs, EveryPolicyIsReadAndTheFirstShowsTheDefaults) {
  const auto blocks = Blocks("docs/policy.md", "yaml");
  ASSERT_THAT(blocks, Not(SizeIs(0)));
  for (const auto& block : blocks)
    EXPECT_THAT(policy::PolicySet::Parse({{"docs/policy.md", block}}, ReadNamed), IsOk()) << block;
  const auto first = policy::PolicySet::Parse({{"docs/policy.md", blocks[0]}});
  ASSERT_THAT(first, IsOk());
  const policy::Rule& shown = first->rules().front();
  const policy::Rule defaults;
  EXPECT_EQ(shown.mode, defaults.mode);
  EXPECT_EQ(shown.require_digest, defaults.require_digest);
  EXPECT_EQ(shown.outcomes, defaults.outcomes);
}

TEST(Docs, TheRulePackIsReadAndHasEachDatabase) {
  const auto blocks = Blocks("docs/detection.md", "yaml");
  ASSERT_THAT(blocks, SizeIs(1));
  const auto pack = rules::RulePack::Parse(blocks[0], "docs/detection.md");
  ASSERT_THAT(pack, IsOk());
  std::set<facts::DatabaseKind> databases;
  for (const auto& rule : pack->packages) databases.insert(rule.database);
  EXPECT_THAT(databases, SizeIs(2));
  EXPECT_FALSE(pack->payload_patterns.empty() || pack->bad_releases.empty() ||
               pack->known_files.empty() || pack->known_layers.empty() ||
               pack->known_manifests.empty());
}

TEST(Docs, TheReportIsOne) {
  const auto blocks = Blocks("docs/detection.md", "json");
  ASSERT_THAT(blocks, SizeIs(1));
  const auto value = json::Parse(blocks[0], {}, "docs/detection.md");
  ASSERT_THAT(value, IsOk());
  const auto report = rules::ReportFromJson(*value);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(json::Encode(rules::ToJson(*report)), json::Encode(*value));
}

// Words "xzgate_…" behind `opening`: names of series.
std::set<std::string> Series(const std::string& text, const std::string& opening) {
  std::set<std::string> names;
  const std::string start = opening + "xzgate_";
  for (auto at = text.find(start); at != text.npos; at = text.find(start, at + 1)) {
    const auto from = at + opening.size();
    names.insert(text.substr(
        from, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789", from) - from));
  }
  return names;
}

TEST(Docs, EverySeriesIsDescribedAndEveryDescribedOneExists) {
  const std::string page = Source("docs/metrics.md");
  // The tables alone: queries name series with their suffixes.
  const auto described = Series(page.substr(0, page.find("## Questions")), "`");
  std::set<std::string> made;
  const char* root = std::getenv("XZGATE_SOURCE_DIR");
  for (const auto& entry :
       fs::recursive_directory_iterator(std::string(root == nullptr ? "." : root) + "/cmd")) {
    if (entry.path().extension() != ".cc") continue;
    const auto text = ReadFile(entry.path().string(), kMaxBytes);
    ASSERT_THAT(text, IsOk());
    made.merge(Series(*text, "Name(\""));
  }
  EXPECT_EQ(described, made);
}

}  // namespace
}  // namespace xzgate::cmd
