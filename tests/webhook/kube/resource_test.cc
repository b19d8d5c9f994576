#include "webhook/kube/resource.h"

#include <type_traits>

#include "tests/support/result_matchers.h"
#include "webhook/kube/cluster.h"

namespace xzgate::kube {
namespace {

using testing::ErrorIs;
using testing::IsOk;

// Nobody can list Secrets: the types do not allow it.
static_assert(!std::is_convertible_v<decltype(Secrets()), const Listable&>);
static_assert(std::is_convertible_v<decltype(Pods()), const Listable&>);
static_assert(
    !std::is_constructible_v<Listable, const char*, const char*, const char*, Resource::Scope>);
static_assert(!std::is_constructible_v<Listable, const Resource&>);

TEST(ResourceTest, KnowsItsPaths) {
  EXPECT_EQ(*ObjectPath(Secrets(), {.ns = "shop", .name = "pull"}),
            "/api/v1/namespaces/shop/secrets/pull");
  EXPECT_EQ(*ObjectPath(ValidatingWebhookConfigurations(), {.name = "xzgate"}),
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/xzgate");
  EXPECT_EQ(*CollectionPath(Deployments(), ""), "/apis/apps/v1/deployments");
  EXPECT_EQ(*CollectionPath(Deployments(), "shop"), "/apis/apps/v1/namespaces/shop/deployments");
  EXPECT_EQ(Deployments().ToString(), "deployments.apps");
}

TEST(ResourceTest, WantsANamespaceWhereThereIsOne) {
  EXPECT_THAT(ObjectPath(Secrets(), {.name = "pull"}),
              ErrorIs(ErrorCode::kInvalidArgument, "want a namespace"));
  EXPECT_THAT(ObjectPath(ValidatingWebhookConfigurations(), {.ns = "shop", .name = "x"}),
              ErrorIs(ErrorCode::kInvalidArgument, "has no namespaces"));
}

struct NameCase {
  const char* name;
  std::string text;
};

class ObjectNameAccepts : public ::testing::TestWithParam<NameCase> {};
TEST_P(ObjectNameAccepts, AsItIs) {
  EXPECT_THAT(ObjectPath(Secrets(), {.ns = "shop", .name = GetParam().text}), IsOk());
}
const NameCase kNames[] = {
    {"Short", "a"},
    {"Dots", "a.b-c.9"},
    {"Longest", std::string(253, 'a')},
};
INSTANTIATE_TEST_SUITE_P(Names, ObjectNameAccepts, ::testing::ValuesIn(kNames),
                         [](const auto& tested) { return tested.param.name; });

// A name of a pull secret is whatever a pod says.
class ObjectNameRejects : public ::testing::TestWithParam<NameCase> {};
TEST_P(ObjectNameRejects, BeforeItIsAPath) {
  EXPECT_THAT(ObjectPath(Secrets(), {.ns = "shop", .name = GetParam().text}),
              ErrorIs(ErrorCode::kInvalidArgument));
}
const NameCase kNoNames[] = {
    {"Empty", ""},
    {"OneTooLong", std::string(254, 'a')},
    {"Parent", ".."},
    {"Escape", "../../kube-system/secrets/x"},
    {"Slash", "a/b"},
    {"Percent", "a%2fb"},
    {"Query", "a?watch=true"},
    {"Fragment", "a#b"},
    {"UpperCase", "A"},
    {"Space", "a b"},
    {"LineEnd", "a\nb"},
    {"Zero", std::string("a\0b", 3)},
    {"DashFirst", "-a"},
    {"DotLast", "a."},
    {"TwoDots", "a..b"},
    {"Utf8", "\xC3\xA4"},
};
INSTANTIATE_TEST_SUITE_P(Names, ObjectNameRejects, ::testing::ValuesIn(kNoNames),
                         [](const auto& tested) { return tested.param.name; });

TEST(ResourceTest, NamespacesAreLabels) {
  EXPECT_TRUE(IsNamespaceName(std::string(63, 'a')));
  for (const std::string text : {"", "a.b", "a/b", "..", "A"}) EXPECT_FALSE(IsNamespaceName(text));
  EXPECT_FALSE(IsNamespaceName(std::string(64, 'a')));
  EXPECT_THAT(CollectionPath(Pods(), "../x"), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ListableTest, TakesConfiguredKinds) {
  const auto rollouts =
      Listable::Create("argoproj.io", "v1alpha1", "rollouts", Resource::Scope::kNamespaced);
  ASSERT_THAT(rollouts, IsOk());
  EXPECT_EQ(*CollectionPath(*rollouts, "a"), "/apis/argoproj.io/v1alpha1/namespaces/a/rollouts");
}

TEST(ListableTest, RefusesSecretsAndWhatIsNoKind) {
  const auto scope = Resource::Scope::kNamespaced;
  EXPECT_THAT(Listable::Create("", "v1", "secrets", scope),
              ErrorIs(ErrorCode::kInvalidArgument, "never listed"));
  EXPECT_THAT(Listable::Create("", "v1", "pods/log", scope), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Listable::Create("", "v1/namespaces/x", "pods", scope),
              ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Listable::Create("a/b", "v1", "pods", scope), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Listable::Create("", "v1", "Secrets", scope), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Listable::Create("", "v1", "secrets?", scope), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(Listable::Create("", "v1", "", scope), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(ResourceTest, EncodesQueries) {
  EXPECT_EQ(EncodeQueryValue("metadata.name=a,b c"), "metadata.name%3Da%2Cb%20c");
  EXPECT_EQ(EncodeQueryValue("\xC3\xA4&x"), "%C3%A4%26x");
}

}  // namespace
}  // namespace xzgate::kube
