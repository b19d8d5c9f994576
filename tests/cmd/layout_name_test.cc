#include "cmd/layout_name.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <string>

#include "base/byte_source.h"
#include "tests/cmd/run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TempFolder;

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(LayoutName, MayEndWithADigest) {
  const auto name = LayoutName::Parse("oci:./lay@" + kDigest);
  ASSERT_THAT(name, IsOk());
  EXPECT_EQ(name->reference.directory, "./lay");
  EXPECT_FALSE(name->reference.tag);
  ASSERT_TRUE(name->digest);
  EXPECT_EQ(name->digest->ToString(), kDigest);
}

struct PlainCase {
  std::string name, text, directory, tag;
};

class LayoutNameWithoutDigest : public ::testing::TestWithParam<PlainCase> {};

TEST_P(LayoutNameWithoutDigest, IsALayoutReference) {
  const auto name = LayoutName::Parse(GetParam().text);
  ASSERT_THAT(name, IsOk());
  EXPECT_FALSE(name->digest);
  EXPECT_EQ(name->reference.directory, GetParam().directory);
  EXPECT_EQ(name->reference.tag.value_or(""), GetParam().tag);
}

INSTANTIATE_TEST_SUITE_P(All, LayoutNameWithoutDigest,
                         ::testing::Values(PlainCase{"Folder", "oci:lay", "lay", ""},
                                           PlainCase{"Tag", "oci:lay:1", "lay", "1"},
                                           PlainCase{"AtInAFolder", "oci:a@b", "a@b", ""},
                                           PlainCase{"AtInAFolderBeforeATag", "oci:a@b:1", "a@b",
                                                     "1"},
                                           PlainCase{"NameWithDigest", "oci:lay:r/x@" + kDigest,
                                                     "lay", "r/x@" + kDigest}),
                         [](const auto& test) { return test.param.name; });

TEST(LayoutName, RefusesABadDigest) {
  EXPECT_THAT(LayoutName::Parse("oci:lay@sha256:12"), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(LayoutName::Parse("oci:@" + kDigest), ErrorIs(ErrorCode::kInvalidArgument));
}

// A layout of two images without layers, one of them in an index of its own.
class Layout : public ::testing::Test {
 protected:
  Layout() {
    std::filesystem::create_directories(folder_.path() + "/blobs/sha256");
    folder_.Write("oci-layout", R"({"imageLayoutVersion": "1.0.0"})");
    good_ = Image("amd64");
    const std::string bad = Image("arm64");
    const std::string inner = Blob(Index(Entry(bad, "manifest", "")));
    folder_.Write("index.json",
                  Index(Entry(good_, "manifest", "good") + "," + Entry(inner, "index", "bad")));
  }

  std::string Blob(const std::string& bytes) {
    const auto digest = oci::Digest::Of(AsBytes(bytes));
    folder_.Write("blobs/sha256/" + digest.hex(), bytes);
    sizes_[digest.ToString()] = bytes.size();
    return digest.ToString();
  }
  std::string Entry(const std::string& digest, const std::string& what, const std::string& name) {
    std::string entry = R"({"mediaType": "application/vnd.oci.image.)" + what +
                        R"(.v1+json", "digest": ")" + digest + R"(", "size": )" +
                        std::to_string(sizes_[digest]);
    if (!name.empty())
      entry += R"(, "annotations": {"org.opencontainers.image.ref.name": ")" + name + "\"}";
    return entry + "}";
  }
  static std::string Index(const std::string& entries) {
    return R"({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", )"
           R"("manifests": [)" +
           entries + "]}";
  }
  std::string Image(const std::string& architecture) {
    const std::string config = Blob(R"({"os": "linux", "architecture": ")" + architecture +
                                    R"(", "rootfs": {"type": "layers", "diff_ids": []}})");
    return Blob(R"({"schemaVersion": 2, "config": )" + Entry(config, "config", "") +
                R"(, "layers": []})");
  }

  TempFolder folder_;
  std::map<std::string, std::size_t> sizes_;
  std::string good_;
};

TEST_F(Layout, SaysWhichTagEachImageHas) {
  const Ran ran = RunXzgate({"scan", "oci:" + folder_.path()});
  const auto at = [&ran](const std::string& words) { return ran.out.find(words); };
  EXPECT_LT(at("linux/amd64"), at("named \"good\" in the layout")) << ran.out;
  EXPECT_LT(at("linux/arm64"), at("named \"bad\" in the layout")) << ran.out;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("named \"good\""), HasSubstr("named \"bad\"")));
}

TEST_F(Layout, IsReadByDigest) {
  const Ran ran = RunXzgate({"scan", "oci:" + folder_.path() + "@" + good_});
  EXPECT_THAT(ran.out, AllOf(HasSubstr("linux/amd64"), HasSubstr("digest   " + good_),
                             Not(HasSubstr("linux/arm64"))));
}

}  // namespace
}  // namespace xzgate::cmd
