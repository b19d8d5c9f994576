#include "scanner/registry/oci_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

// A layout in a directory of the test's own.
class OciLayoutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "oci-layout-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern + "/My Images";
    root_ = pattern;
    Write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& name, const std::string& bytes) {
    const fs::path path = fs::path(directory_) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }

  oci::Descriptor WriteBlob(const std::string& bytes, const std::string& type = "x/y") {
    const oci::Digest digest = oci::Digest::Of(AsBytes(bytes));
    Write("blobs/sha256/" + digest.hex(), bytes);
    return {.media_type = type,
            .digest = digest,
            .size = bytes.size(),
            .platform = {},
            .artifact_type = {},
            .annotations = {}};
  }

  // An entry of the index, with `annotations` as JSON members.
  static std::string Entry(const oci::Descriptor& blob, const std::string& annotations) {
    return R"({"mediaType":")" + std::string(oci::kOciManifest) + R"(","digest":")" +
           blob.digest.ToString() + R"(","size":)" + std::to_string(blob.size) +
           R"(,"annotations":{)" + annotations + "}}";
  }
  static std::string RefName(const std::string& name) {
    return R"("org.opencontainers.image.ref.name":")" + name + "\"";
  }

  void WriteIndex(const std::string& entries) {
    Write("index.json", index_ = R"({"schemaVersion":2,"manifests":[)" + entries + "]}");
  }

  Result<std::unique_ptr<OciLayout>> Open(std::optional<std::string> tag = {}) {
    return OciLayout::Open({.directory = directory_, .tag = std::move(tag)});
  }

  std::string root_;
  std::string directory_;
  std::string index_;
};

TEST_F(OciLayoutTest, WithoutATagIsItsIndex) {
  WriteIndex(Entry(WriteBlob("one"), RefName("1")));
  const auto layout = Open();
  ASSERT_THAT(layout, IsOk());
  EXPECT_EQ((*layout)->root().digest(), oci::Digest::Of(AsBytes(index_)));
  EXPECT_EQ((*layout)->root().repository().ToString(), "oci-layout.invalid/my-images");
  EXPECT_THAT(oci::PinnedReference::Parse((*layout)->root().ToString()), IsOk());
  const auto index = (*layout)->FetchManifest((*layout)->root(), Access{});
  ASSERT_THAT(index, IsOk());
  EXPECT_EQ(index->bytes, index_);
  EXPECT_THAT(oci::ParseDocument(index->bytes, index->content_type, ""), IsOk());
}

TEST_F(OciLayoutTest, WithATagIsTheImageOfThatName) {
  const auto one = WriteBlob("one");
  const auto two = WriteBlob("two");
  WriteIndex(Entry(one, RefName("1")) + "," +
             Entry(two, RefName("2") + R"(,"io.containerd.image.name":"reg.example/api:2")"));
  EXPECT_EQ((*Open("1"))->root().digest(), one.digest);
  EXPECT_EQ((*Open("2"))->root().digest(), two.digest);
  EXPECT_EQ((*Open("reg.example/api:2"))->root().digest(), two.digest);
  const auto layout = Open("2");
  EXPECT_EQ((*layout)->FetchManifest((*layout)->root(), Access{})->bytes, "two");
  EXPECT_THAT(*(*layout)->ListTags({"x", "y"}, 2, Access{}), ElementsAre("1", "2"));
  EXPECT_THAT((*layout)->ListTags({"x", "y"}, 1, Access{}), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_EQ((*layout)->Resolve(*oci::Reference::Parse("reg.example/other:1"), Access{}),
            one.digest);
}

TEST_F(OciLayoutTest, SaysWhichNamesThereAre) {
  WriteIndex(Entry(WriteBlob("one"), RefName("1")));
  EXPECT_THAT(Open("9"), ErrorIs(ErrorCode::kNotFound, R"(no image is named "9"; found "1")"));
}

TEST_F(OciLayoutTest, RefusesANameOfTwoImages) {
  const auto one = WriteBlob("one");
  WriteIndex(Entry(one, RefName("1")) + "," + Entry(WriteBlob("two"), RefName("1")));
  EXPECT_THAT(Open("1"), ErrorIs(ErrorCode::kInvalidArgument, "two images"));
  WriteIndex(Entry(one, RefName("1")) + "," + Entry(one, RefName("1")));
  EXPECT_THAT(Open("1"), IsOk());
}

// A manifest whose subject is `of`, or none.
std::string ManifestOf(const oci::Digest& of, const std::string& type) {
  return R"({"schemaVersion":2,"artifactType":")" + type +
         R"(","config":{"mediaType":"x/y","digest":")" + of.ToString() +
         R"(","size":1},"layers":[],"subject":{"mediaType":"x/y","digest":")" + of.ToString() +
         R"(","size":1}})";
}

TEST_F(OciLayoutTest, ListsWhatRefersToADigest) {
  const auto image = WriteBlob("image");
  const auto other = WriteBlob("other");
  const auto one = WriteBlob(ManifestOf(image.digest, "a/one"));
  const auto two = WriteBlob(ManifestOf(image.digest, "a/two"));
  const auto stranger = WriteBlob(ManifestOf(other.digest, "a/one"));
  WriteIndex(Entry(one, "") + "," + Entry(stranger, "") + "," + Entry(two, ""));
  const auto layout = Open();
  const oci::PinnedReference subject((*layout)->root().repository(), image.digest);
  const auto list = (*layout)->ListReferrers(subject, 2, Access{});
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->manifests.size(), 2U);
  EXPECT_EQ(list->manifests[0].digest, one.digest);
  EXPECT_EQ(list->manifests[0].artifact_type, "a/one");
  EXPECT_EQ(list->manifests[1].digest, two.digest);
  EXPECT_FALSE(list->has_more);
  EXPECT_TRUE((*layout)->ListReferrers(subject, 1, Access{})->has_more);
}

// `cosign save` gives neither tags nor subjects, only an annotation of the entry.
TEST_F(OciLayoutTest, ListsWhatCosignSaved) {
  const auto image = WriteBlob("image");
  const std::string start = R"("kind":"dev.cosignproject.cosign/)";
  const auto manifest = [this](std::string_view comment) {
    return WriteBlob(
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
        R"("config":{"mediaType":"a/b","digest":"sha256:)" +
        std::string(64, '0') + R"(","size":1},"layers":[],"annotations":{"c":")" +
        std::string(comment) + "\"}}");
  };
  const auto sigs = manifest("sigs");
  const auto atts = manifest("atts");
  const auto other = manifest("other");
  WriteIndex(Entry(sigs, start + "sigs\"") + "," + Entry(atts, start + "atts\"") + "," +
             Entry(other, start + "image\""));
  const auto layout = Open();
  ASSERT_THAT(layout, IsOk());
  const auto list =
      (*layout)->ListReferrers({(*layout)->root().repository(), image.digest}, 9, Access{});
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->manifests.size(), 2U);
  EXPECT_EQ(list->manifests[0].digest, sigs.digest);
  EXPECT_EQ(list->manifests[1].digest, atts.digest);
  EXPECT_FALSE(list->has_more);
}

TEST_F(OciLayoutTest, SaysThatAManifestCannotBeReadForReferrers) {
  const auto image = WriteBlob("image");
  WriteIndex(Entry(image, ""));  // no manifest at all
  const auto layout = Open();
  const auto list =
      (*layout)->ListReferrers({(*layout)->root().repository(), image.digest}, 9, Access{});
  ASSERT_THAT(list, IsOk());
  EXPECT_TRUE(list->manifests.empty());
  EXPECT_TRUE(list->has_more);
}

TEST_F(OciLayoutTest, ResolvesTheTagOfASignature) {
  const auto image = WriteBlob("image");
  const auto signature = WriteBlob("signature");
  const std::string tag = "sha256-" + image.digest.hex() + ".sig";
  WriteIndex(Entry(signature, RefName(tag)));
  const auto layout = Open();
  const std::string name = (*layout)->root().repository().ToString() + ":" + tag;
  EXPECT_EQ((*layout)->Resolve(*oci::Reference::Parse(name), Access{}), signature.digest);
  EXPECT_THAT((*layout)->Resolve(*oci::Reference::Parse(name + "x"), Access{}),
              ErrorIs(ErrorCode::kNotFound));
}

TEST_F(OciLayoutTest, ChecksEveryBlob) {
  const auto good = WriteBlob("good");
  auto longer = WriteBlob("longer");
  longer.size += 1;
  auto flipped = WriteBlob("flipped");
  Write("blobs/sha256/" + flipped.digest.hex(), "Flipped");
  WriteIndex("");
  const auto layout = Open();
  ASSERT_THAT(layout, IsOk());
  const oci::Repository any{"x", "y"};
  EXPECT_EQ((*layout)->FetchBlob(any, good, 4, Access{})->bytes, "good");
  EXPECT_THAT((*layout)->FetchBlob(any, good, 3, Access{}), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT((*layout)->FetchBlob(any, longer, 100, Access{}),
              ErrorIs(ErrorCode::kIntegrity, "want 7 bytes, found 6"));
  EXPECT_THAT((*layout)->OpenBlob(any, longer, Access{}), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT((*layout)->FetchBlob(any, flipped, 100, Access{}),
              ErrorIs(ErrorCode::kIntegrity, "found digest"));
  EXPECT_THAT((*layout)->FetchManifest({any, flipped.digest}, Access{}),
              ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT((*layout)->FetchManifest({any, oci::Digest::Of(AsBytes("none"))}, Access{}),
              ErrorIs(ErrorCode::kNotFound));
  const auto stream = (*layout)->OpenBlob(any, good, Access{});
  ASSERT_THAT(stream, IsOk());
  EXPECT_EQ(ReadAll(**stream, 10, "test"), "good");
}

TEST_F(OciLayoutTest, NamesWhatIsWrong) {
  WriteIndex("");
  Write("oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  EXPECT_THAT(Open(), ErrorIs(ErrorCode::kUnsupported, R"(want "1.0.0", found "2.0.0")"));
  Write("oci-layout", "{}");
  EXPECT_THAT(Open(), ErrorIs(ErrorCode::kInvalidArgument, "imageLayoutVersion"));
  Write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  Write("index.json", R"({"schemaVersion":2,"layers":[]})");
  EXPECT_THAT(Open(), ErrorIs(ErrorCode::kInvalidArgument, "index.json"));
  Write("index.json", std::string(oci::kMaxManifestBytes + 1, ' '));
  EXPECT_THAT(Open(), ErrorIs(ErrorCode::kResourceExhausted, "index.json"));
  fs::remove(directory_ + "/index.json");
  EXPECT_THAT(Open(), ErrorIs(ErrorCode::kNotFound, "index.json"));
  fs::remove_all(directory_);
  EXPECT_THAT(Open(), ErrorIs(ErrorCode::kNotFound, "oci-layout"));
}

}  // namespace
}  // namespace xzgate::registry
