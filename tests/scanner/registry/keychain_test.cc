#include "scanner/registry/keychain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto/digest.h"
#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

std::string Auth(const std::string& pair) {
  return R"({"auth":")" + crypto::Base64Encode(AsBytes(pair)) + R"("})";
}

std::string Auths(const std::string& key, const std::string& pair) {
  return R"({"auths":{")" + key + "\":" + Auth(pair) + "}}";
}

class KeychainTest : public ::testing::Test {
 protected:
  void Given(const std::string& json, const std::string& source = "config") {
    ASSERT_THAT(keychain_.Add(json, source), IsOk());
  }

  // "user:secret" for a repository, "" for none.
  std::string PairFor(const std::string& host, const std::string& path) {
    const Credential* credential = keychain_.Find({host, path});
    return credential == nullptr
               ? ""
               : credential->username + ":" + std::string(credential->secret.Reveal());
  }

  Keychain keychain_;
};

TEST_F(KeychainTest, FindsByExactHost) {
  Given(Auths("reg.example:5000", "u:p:with:colons"));
  EXPECT_EQ(PairFor("reg.example:5000", "a"), "u:p:with:colons");
  EXPECT_EQ(PairFor("reg.example", "a"), "");
  EXPECT_EQ(PairFor("reg.example:5001", "a"), "");
  EXPECT_EQ(PairFor("x.reg.example:5000", "a"), "");
  EXPECT_EQ(PairFor("reg.example.evil.net:5000", "a"), "");
}

TEST_F(KeychainTest, KnowsEverySpellingOfDockerHub) {
  for (const std::string key : {"https://index.docker.io/v1/", "index.docker.io", "docker.io",
                                "https://registry-1.docker.io/v2/"}) {
    Keychain keychain;
    ASSERT_THAT(keychain.Add(Auths(key, "u:p"), "config"), IsOk());
    EXPECT_NE(keychain.Find({"docker.io", "library/debian"}), nullptr) << key;
    EXPECT_EQ(keychain.Find({"reg.example", "a"}), nullptr) << key;
  }
}

TEST_F(KeychainTest, PrefersTheLongestPrefixOfWholeComponents) {
  Given(R"({"auths":{"reg.example":)" + Auth("host:1") + R"(,"reg.example/team/api":)" +
        Auth("api:1") + R"(,"https://reg.example/team":)" + Auth("team:1") + "}}");
  EXPECT_EQ(PairFor("reg.example", "team/api"), "api:1");
  EXPECT_EQ(PairFor("reg.example", "team/api/v2"), "api:1");
  EXPECT_EQ(PairFor("reg.example", "team/apis"), "team:1");
  EXPECT_EQ(PairFor("reg.example", "teams"), "host:1");
}

TEST_F(KeychainTest, PrefersExactHostsToPatterns) {
  Given(R"({"auths":{"*.example/a/b":)" + Auth("glob:1") + R"(,"reg.example":)" + Auth("exact:1") +
        "}}");
  EXPECT_EQ(PairFor("reg.example", "a/b"), "exact:1");
  EXPECT_EQ(PairFor("other.example", "a/b"), "glob:1");
  EXPECT_EQ(PairFor("other.example:443", "a/b"), "");
  EXPECT_EQ(PairFor("x.other.example", "a/b"), "");
}

TEST_F(KeychainTest, TheSourceAddedFirstWins) {
  Given(Auths("reg.example", "first:1"), "pull secret");
  Given(Auths("reg.example", "second:1"), "file");
  Given(Auths("other.example", "third:1"), "file");
  EXPECT_EQ(PairFor("reg.example", "a"), "first:1");
  EXPECT_EQ(PairFor("other.example", "a"), "third:1");
}

TEST_F(KeychainTest, ReadsUserAndPasswordInPlain) {
  Given(R"({"auths":{"reg.example":{"username":"u","password":"p","email":"x"}}})");
  EXPECT_EQ(PairFor("reg.example", "a"), "u:p");
}

TEST_F(KeychainTest, ReadsTokens) {
  Given(
      R"({"auths":{"a.example":{"identitytoken":"it"},"b.example":{"registrytoken":"rt"},"c.example":)" +
      Auth("<token>:ct") + "}}");
  EXPECT_EQ(keychain_.Find({"a.example", "x"})->kind, Credential::Kind::kIdentityToken);
  EXPECT_EQ(keychain_.Find({"b.example", "x"})->kind, Credential::Kind::kRegistryToken);
  EXPECT_EQ(keychain_.Find({"c.example", "x"})->kind, Credential::Kind::kIdentityToken);
  EXPECT_EQ(PairFor("c.example", "x"), ":ct");
}

TEST_F(KeychainTest, IdentityTellsCredentialsApartWithoutSayingThem) {
  Given(R"({"auths":{"a.example":)" + Auth("u:secret1") + R"(,"b.example":)" + Auth("u:secret1") +
        R"(,"c.example":)" + Auth("u:secret2") + "}}");
  EXPECT_EQ(keychain_.Find({"a.example", "x"})->identity,
            keychain_.Find({"b.example", "x"})->identity);
  EXPECT_NE(keychain_.Find({"a.example", "x"})->identity,
            keychain_.Find({"c.example", "x"})->identity);
  EXPECT_THAT(keychain_.Find({"a.example", "x"})->identity, Not(HasSubstr("secret")));
}

TEST_F(KeychainTest, NamesHelpersAndRunsNone) {
  Given(
      R"({"auths":{"reg.example":{}},"credHelpers":{"ecr.example":"ecr-login"},"credsStore":"desktop"})",
      "docker config");
  EXPECT_EQ(PairFor("reg.example", "a"), "");
  EXPECT_EQ(keychain_.HelperFor("ecr.example"), "ecr-login");
  EXPECT_EQ(keychain_.HelperFor("reg.example"), "desktop");
  ASSERT_THAT(keychain_.warnings(), SizeIs(2));
  EXPECT_THAT(keychain_.warnings(), Each(HasSubstr("docker config: credential helper")));
}

TEST_F(KeychainTest, RejectsDamageWithoutRepeatingSecrets) {
  for (const std::string json :
       {"", "[]", R"({"auths":[]})", R"({"auths":{"h":"x"}})",
        R"({"auths":{"h":{"auth":"c2VjcmV0"}}})", R"({"auths":{"h":{"auth":"%%secret"}}})",
        R"({"auths":{"h":{"auth":1}}})", R"({"credHelpers":[]})", R"({"credHelpers":{"h":1}})",
        R"({"credsStore":1})", R"({"auths":{"h":{"username":"secret","password":[]}}})"}) {
    Keychain keychain;
    const auto added = keychain.Add(json, "the file");
    ASSERT_THAT(added, ErrorIs(ErrorCode::kInvalidArgument, "the file")) << json;
    EXPECT_THAT(added.error().message(), Not(HasSubstr("secret"))) << json;
    EXPECT_EQ(keychain.Find({"h", "x"}), nullptr);
  }
}

TEST_F(KeychainTest, HoldsItsLimit) {
  EXPECT_THAT(keychain_.Add(std::string(kMaxKeychainBytes + 1, ' '), "x"),
              ErrorIs(ErrorCode::kResourceExhausted));
}

TEST_F(KeychainTest, SaysWhichFileIsMissing) {
  EXPECT_THAT(keychain_.AddFile("/nonexistent/config.json"),
              ErrorIs(ErrorCode::kNotFound, "/nonexistent/config.json"));
}

}  // namespace
}  // namespace xzgate::registry
