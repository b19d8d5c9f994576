#include "webhook/policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/result_matchers.h"

namespace xzgate::policy {
namespace {

using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

struct PatternCase {
  std::string name;
  std::string pattern;
  std::string image;
  bool covers;
};

class CoversImageTest : public ::testing::TestWithParam<PatternCase> {};

TEST_P(CoversImageTest, ComparesByComponents) {
  const auto reference = oci::Reference::Parse(GetParam().image);
  ASSERT_THAT(reference, IsOk());
  EXPECT_EQ(CoversImage(GetParam().pattern, reference->repository()), GetParam().covers);
}

INSTANTIATE_TEST_SUITE_P(
    All, CoversImageTest,
    ::testing::Values(
        PatternCase{"ExactRepository", "reg.example/shop/api", "reg.example/shop/api:1", true},
        PatternCase{"OneLevel", "reg.example/shop/*", "reg.example/shop/api", true},
        PatternCase{"OneLevelIsNotTwo", "reg.example/*", "reg.example/shop/api", false},
        PatternCase{"AnyLevel", "reg.example/**", "reg.example/shop/api", true},
        PatternCase{"SubdomainGlob", "*.example.com/**", "reg.example.com/a", true},
        PatternCase{"GlobDoesNotTakeTheParent", "*.example.com/**", "example.com/a", false},
        PatternCase{"HostIsNoPrefix", "reg.example/**", "reg.example.evil.net/a", false},
        PatternCase{"PathIsNoPrefix", "reg.example/shop", "reg.example/shop-evil", false},
        PatternCase{"HostInPathIsNoHost", "reg.example/**", "evil.net/reg.example/a", false},
        PatternCase{"PortMatters", "reg.example/**", "reg.example:5000/a", false},
        PatternCase{"PortGiven", "reg.example:5000/**", "reg.example:5000/a", true},
        PatternCase{"ShortNameIsNormalised", "docker.io/library/*", "nginx", true},
        PatternCase{"DefaultPortIsNoOtherHost", "ghcr.io/**", "ghcr.io:443/a", true},
        PatternCase{"DockerHubByItsApiHost", "docker.io/library/*",
                    "registry-1.docker.io/library/nginx", true},
        PatternCase{"DefaultPortInThePattern", "ghcr.io:443/**", "ghcr.io/a", true},
        PatternCase{"DockerHubsApiHostInThePattern", "registry-1.docker.io/library/*", "nginx",
                    true},
        PatternCase{"DockerHubsOldNameInThePattern", "index.docker.io/library/*", "nginx", true},
        PatternCase{"StarIsEverything", "*", "anything.example/a/b/c", true}),
    [](const auto& test) { return test.param.name; });

oci::Repository Repo(const std::string& image) {
  return oci::Reference::Parse(image)->repository();
}

std::string Document(const std::string& name, const std::string& spec) {
  return "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: " + name +
         "}\nspec: " + spec + "\n";
}

TEST(PolicySet, DefaultsStandBehindEverything) {
  const PolicySet set;
  const Rule& rule = set.Match(Repo("nginx"), "any");
  EXPECT_EQ(rule.policy, "default");
  EXPECT_EQ(rule.mode, Mode::kEnforce);
  EXPECT_EQ(rule.require_digest, RequireDigest::kOff);
  EXPECT_EQ(rule.outcomes.affected, Action::kDeny);
  EXPECT_EQ(rule.outcomes.suspicious, Action::kDeny);
  EXPECT_EQ(rule.outcomes.affected_version, Action::kDeny);
  EXPECT_EQ(rule.outcomes.fixed_by_distro, Action::kAllow);
  EXPECT_EQ(rule.outcomes.clean, Action::kAllow);
  EXPECT_EQ(rule.outcomes.pending, Action::kDeny);
  EXPECT_EQ(rule.outcomes.unreachable, Action::kDeny);
  EXPECT_EQ(rule.outcomes.unreadable, Action::kDeny);
  EXPECT_EQ(rule.outcomes.not_an_image_volume, Action::kAllow);
  EXPECT_EQ(rule.outcomes.not_an_image_container, Action::kDeny);
}

TEST(PolicySet, FirstMatchWins) {
  const auto set = PolicySet::Parse(
      {{"a.yaml",
        Document("first", "{images: [\"reg.example/**\"], namespaces: [\"prod-*\"], mode: warn}") +
            "---\n" + Document("second", "{images: [\"reg.example/**\"], mode: audit}")},
       {"b.yaml", Document("third", "{mode: enforce}")}});
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->Match(Repo("reg.example/a"), "prod-1").policy, "first");
  EXPECT_EQ(set->Match(Repo("reg.example/a"), "dev").policy, "second");
  EXPECT_EQ(set->Match(Repo("nginx"), "prod-1").policy, "third");
  EXPECT_EQ(set->MatchUnparsed("prod-1").policy, "third");
}

TEST(PolicySet, ReadsEveryKey) {
  const auto set = PolicySet::Parse({{"p.yaml", R"(apiVersion: xzgate.dev/v1
kind: ImagePolicy
metadata: {name: all}
spec:
  mode: audit
  requireDigest: deny
  messageSuffix: "ask #platform"
  outcomes:
    affected: warn
    suspicious: allow
    affected_version: warn
    fixed_by_distro: deny
    clean: warn
    unknown:
      pending: allow
      unreachable: warn
      unreadable: allow
      not_an_image: {container: allow, volume: deny}
)"}});
  ASSERT_THAT(set, IsOk());
  const Rule& rule = set->rules().front();
  EXPECT_EQ(rule.mode, Mode::kAudit);
  EXPECT_EQ(rule.require_digest, RequireDigest::kDeny);
  EXPECT_EQ(rule.message_suffix, "ask #platform");
  EXPECT_EQ(rule.outcomes.affected, Action::kWarn);
  EXPECT_EQ(rule.outcomes.suspicious, Action::kAllow);
  EXPECT_EQ(rule.outcomes.fixed_by_distro, Action::kDeny);
  EXPECT_EQ(rule.outcomes.clean, Action::kWarn);
  EXPECT_EQ(rule.outcomes.pending, Action::kAllow);
  EXPECT_EQ(rule.outcomes.unreachable, Action::kWarn);
  EXPECT_EQ(rule.outcomes.unreadable, Action::kAllow);
  EXPECT_EQ(rule.outcomes.not_an_image_container, Action::kAllow);
  EXPECT_EQ(rule.outcomes.not_an_image_volume, Action::kDeny);
}

struct BadPolicy {
  std::string name;
  std::string text;
  std::string message;
};

class PolicySetRejects : public ::testing::TestWithParam<BadPolicy> {};

TEST_P(PolicySetRejects, WithTheReason) {
  EXPECT_THAT(PolicySet::Parse({{"p.yaml", GetParam().text}}),
              ErrorIs(ErrorCode::kInvalidArgument, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, PolicySetRejects,
    ::testing::Values(
        BadPolicy{"OtherVersion", "apiVersion: v1\nkind: ImagePolicy\nmetadata: {name: a}\n",
                  "want \"xzgate.dev/v1\""},
        BadPolicy{"OtherKind", "apiVersion: xzgate.dev/v1\nkind: Policy\nmetadata: {name: a}\n",
                  "want \"ImagePolicy\""},
        BadPolicy{"NoName", "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nspec: {mode: warn}\n",
                  "metadata.name: missing"},
        BadPolicy{"UnknownKey", Document("a", "{modes: warn}"), "modes"},
        BadPolicy{"UnknownMode", Document("a", "{mode: block}"), "block"},
        BadPolicy{"UnknownAction", Document("a", "{outcomes: {affected: refuse}}"), "refuse"},
        BadPolicy{"PatternWithoutPath", Document("a", "{images: [debian]}"), "want HOST/PATH"},
        BadPolicy{"PatternWithTag", Document("a", "{images: [\"reg.example/a:1\"]}"),
                  "without tag"},
        BadPolicy{"PatternInUpperCase", Document("a", "{images: [\"reg.example/A\"]}"),
                  "lower case"},
        BadPolicy{"NameTwice",
                  Document("a", "{mode: warn}") + "---\n" + Document("a", "{mode: audit}"),
                  "p.yaml:8:18: metadata.name: \"a\" is used twice, first at p.yaml:3:18"},
        BadPolicy{"PatternWithScheme", Document("a", "{images: [\"https://reg.example/y\"]}"),
                  "without a scheme"},
        BadPolicy{"EmptyNamespace", Document("a", "{namespaces: [\"\"]}"), "namespace \"\": "},
        BadPolicy{"NamespaceWithSlash", Document("a", "{namespaces: [a/b]}"),
                  "spec.namespaces[0]: namespace \"a/b\": "},
        BadPolicy{"NamespaceInUpperCase", Document("a", "{namespaces: [Prod]}"), "\"Prod\""},
        BadPolicy{"LongNamespace", Document("a", "{namespaces: [" + std::string(64, 'a') + "]}"),
                  "would match nothing"},
        BadPolicy{"LongSuffix", Document("a", "{messageSuffix: \"" + std::string(201, 'x') + "\"}"),
                  "longer than 200"},
        BadPolicy{"OfficialImageWithoutLibrary", Document("a", "{images: [docker.io/debian]}"),
                  "docker.io/library/NAME"}),
    [](const auto& test) { return test.param.name; });

// As kustomize and the like leave them.
TEST(PolicySet, TakesLabelsAndAnnotations) {
  EXPECT_THAT(PolicySet::Parse({{"p.yaml", R"(apiVersion: xzgate.dev/v1
kind: ImagePolicy
metadata: {name: a, labels: {app: shop}, annotations: {owner: platform}}
spec: {namespaces: ["prod-*", dev-1, "*", "team-?"]}
)"}}),
              IsOk());
}

TEST(PolicySet, TakesASuffixAtItsLimit) {
  EXPECT_TRUE(PolicySet::Parse(
      {{"p.yaml", Document("a", "{messageSuffix: \"" + std::string(200, 'x') + "\"}")}}));
}

TEST(PolicySet, ReportsEveryProblemInOneGo) {
  const auto set =
      PolicySet::Parse({{"p.yaml", Document("a", "{mode: block, outcomes: {clean: no}}")},
                        {"q.yaml", Document("b", "{extra: 1}")}});
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message(), HasSubstr("block"));
  EXPECT_THAT(set.error().message(), HasSubstr("clean"));
  EXPECT_THAT(set.error().message(), HasSubstr("q.yaml"));
}

}  // namespace
}  // namespace xzgate::policy
