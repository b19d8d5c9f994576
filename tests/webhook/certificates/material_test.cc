#include "webhook/certificates/material.h"

#include "tests/support/result_matchers.h"
#include "tests/webhook/certificates/samples.h"

namespace xzgate::certificates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(MaterialTest, SurvivesTheSecret) {
  const Material first = First();
  std::vector<std::string> notes;
  const Material read = ReadMaterial(WriteMaterial(first), notes);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(read.authorities, first.authorities);
  EXPECT_EQ(read.leaf->certificate, first.leaf->certificate);
  EXPECT_EQ(read.leaf->key.ToPem(), first.leaf->key.ToPem());
  EXPECT_EQ(read.authority_key->ToPem(), first.authority_key->ToPem());
}

struct Damage {
  std::string name;
  std::string entry;
  std::string content;
  std::string note;
};

class DamagedSecret : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedSecret, LosesWhatIsDamagedAndSaysSo) {
  SecretData data = WriteMaterial(First());
  data[GetParam().entry] = GetParam().content;
  std::vector<std::string> notes;
  const Material read = ReadMaterial(data, notes);
  ASSERT_FALSE(notes.empty());
  EXPECT_THAT(notes.front(), HasSubstr(GetParam().note));
  const auto renewed = Renew(read, MakeWish(), true, kStart);
  ASSERT_TRUE(renewed && *renewed) << "what is lost is made anew";
  EXPECT_TRUE(IsTrusted(*(*renewed)->material.leaf, (*renewed)->material.authorities, kStart));
}

const Damage kDamages[] = {
    {"LeafMissing", kLeafEntry, "", "tls.crt is missing"},
    {"LeafGarbage", kLeafEntry, "hello", "tls.crt: "},
    {"LeafOfAnother", kLeafEntry, WriteMaterial(First())[kLeafEntry], "tls.key does not belong"},
    {"KeyMissing", kLeafKeyEntry, "", "tls.key is missing"},
    {"KeyOfAnother", kLeafKeyEntry, WriteMaterial(First())[kLeafKeyEntry], "does not belong"},
    {"AuthoritiesGarbage", kAuthoritiesEntry, "-----BEGIN CERTIFICATE-----", "ca.crt: "},
    {"AuthorityIsALeaf", kAuthoritiesEntry, WriteMaterial(First())[kLeafEntry],
     "which is no authority"},
    {"TooManyAuthorities", kAuthoritiesEntry,
     [] {
       std::string many;
       for (std::size_t i = 0; i <= kMaxAuthorities; ++i) {
         many += WriteMaterial(First())[kAuthoritiesEntry];
       }
       return many;
     }(),
     "ca.crt: "},
    {"AuthorityKeyMissing", kAuthorityKeyEntry, "", "ca.key is missing"},
    {"AuthorityKeyGarbage", kAuthorityKeyEntry, std::string("\0\xff", 2), "ca.key: "},
};
INSTANTIATE_TEST_SUITE_P(All, DamagedSecret, ::testing::ValuesIn(kDamages),
                         [](const auto& damage) { return damage.param.name; });

TEST(MaterialTest, AnEmptySecretHoldsNothing) {
  std::vector<std::string> notes;
  const Material read = ReadMaterial({}, notes);
  EXPECT_FALSE(read.leaf);
  EXPECT_FALSE(read.issuer());
  EXPECT_THAT(notes, ElementsAre("ca.crt is missing", "ca.key is missing", "tls.crt is missing",
                                 "tls.key is missing"));
}

}  // namespace
}  // namespace xzgate::certificates
