// TrustedRoot::BuiltIn: what is compiled in, and what is said of it.

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/crypto/digest.h"
#include "base/rfc3339.h"
#include "scanner/signature/trusted_root.h"
#include "tests/support/signing/test_times.h"

namespace xzgate::signature {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::Utc;

std::string ReadSource(const std::string& path) {
  const char* top = std::getenv("XZGATE_SOURCE_DIR");
  std::ifstream file(std::string(top == nullptr ? "." : top) + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Ids(const std::vector<Log>& logs) {
  std::vector<std::string> ids;
  for (const Log& log : logs) ids.push_back(crypto::HexEncode(AsBytes(log.id)));
  return ids;
}

TEST(BuiltInRootTest, HasTheAuthoritiesOfThePublicGoodInstance) {
  const auto root = TrustedRoot::BuiltIn();
  EXPECT_THAT(root->notes(), IsEmpty());
  EXPECT_THAT(Ids(root->tlogs()),
              ElementsAre("c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d",
                          "cf1199155bddd051268d1f16ac5c0c75c009f6fb5a63f4177f8e18d7051e3fa0"));
  EXPECT_EQ(root->tlogs()[0].origin, "rekor.sigstore.dev");
  EXPECT_EQ(root->tlogs()[1].origin, "log2025-1.rekor.sigstore.dev");
  EXPECT_EQ(root->tlogs()[1].valid.start, Utc(2025, 9, 23));
  ASSERT_THAT(Ids(root->ctlogs()), SizeIs(2));
  EXPECT_EQ(Ids(root->ctlogs())[1],
            "dd3d306ac6c7113263191e1c99673702a24a5eb8de3cadff878a72802f29ee8e");
  ASSERT_THAT(root->certificate_authorities(), SizeIs(2));
  EXPECT_EQ(root->certificate_authorities()[0].valid.end,
            ParseRfc3339("2022-12-31T23:59:59.999Z").value());
  EXPECT_THAT(root->certificate_authorities()[1].chain, SizeIs(2));
  ASSERT_THAT(root->timestamp_authorities(), SizeIs(1));
  EXPECT_EQ(root->timestamp_authorities()[0].valid.start, Utc(2025, 7, 4));
}

TEST(BuiltInRootTest, IsTheFileThatItsReadmeSpeaksOf) {
  const auto root = TrustedRoot::BuiltIn();
  EXPECT_EQ(TrustedRoot::Parse(ReadSource("scanner/signature/roots/public-good.json"), "file")
                .value()
                .digest(),
            root->digest());
  EXPECT_THAT(ReadSource("scanner/signature/roots/README.md"), HasSubstr(root->digest()));
}

TEST(BuiltInRootTest, LastsForYears) {
  const auto expires = TrustedRoot::BuiltIn()->expires();
  ASSERT_TRUE(expires.has_value());
  EXPECT_EQ(*expires, Utc(2031, 10, 5, 13, 56, 58));
  EXPECT_GT(*expires, Utc(2026, 11, 24));  // when this was written
}

}  // namespace
}  // namespace xzgate::signature
