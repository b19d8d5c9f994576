#include "scanner/oci/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/support/result_matchers.h"

namespace xzgate::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

std::string Hex(char c) {
  return std::string(64, c);
}

std::string Quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::string DescriptorText(std::string_view type, char c, std::string_view rest = "") {
  return R"({"mediaType":)" + Quoted(type) + R"(,"digest":"sha256:)" + Hex(c) + R"(","size":7)" +
         std::string(rest) + "}";
}

const std::string kTar = "application/vnd.oci.image.layer.v1.tar+gzip";
const std::string kConfig = R"("config":)" + DescriptorText(kOciConfig, 'c');
const std::string kLayers =
    R"("layers":[)" + DescriptorText(kTar, '1') + "," + DescriptorText(kTar, '2') + "]";
const std::string kManifests =
    R"("manifests":[)" +
    DescriptorText(kOciManifest, 'a', R"(,"platform":{"os":"linux","architecture":"amd64"})") + "]";

std::string Schema2(const std::string& members) {
  return R"({"schemaVersion":2,)" + members + "}";
}
std::string Typed(std::string_view type, const std::string& members) {
  return Schema2(R"("mediaType":)" + Quoted(type) + "," + members);
}

const std::string kImage = Typed(kOciManifest, kConfig + "," + kLayers);

TEST(ParseDocument, ReadsAManifest) {
  const auto document = ParseDocument(kImage, kOciManifest, kOciManifest);
  ASSERT_THAT(document, IsOk());
  const auto& manifest = std::get<Manifest>(*document);
  EXPECT_EQ(manifest.media_type, kOciManifest);
  EXPECT_EQ(manifest.config.digest.hex(), Hex('c'));
  ASSERT_THAT(manifest.layers, SizeIs(2));
  EXPECT_EQ(manifest.layers[1].digest.hex(), Hex('2'));
  EXPECT_EQ(manifest.layers[1].size, 7U);
  EXPECT_TRUE(manifest.IsImage());
  EXPECT_FALSE(manifest.IsAttestation());
}

TEST(ParseDocument, ReadsAnIndex) {
  const auto document = ParseDocument(Typed(kDockerIndex, kManifests), kDockerIndex, "");
  ASSERT_THAT(document, IsOk());
  const auto& index = std::get<Index>(*document);
  EXPECT_EQ(index.media_type, kDockerIndex);
  ASSERT_THAT(index.manifests, SizeIs(1));
  EXPECT_EQ(index.manifests[0].platform->ToString(), "linux/amd64");
}

TEST(ParseDocument, ReadsEveryMemberOfADescriptor) {
  const std::string layer =
      DescriptorText(kTar, '1', R"(,"annotations":{"a":"1","b":"2"},"artifactType":"t/x")");
  const auto document =
      ParseDocument(Typed(kOciManifest, kConfig + R"(,"layers":[)" + layer +
                                            R"(],"artifactType":"a/b","subject":)" +
                                            DescriptorText(kOciManifest, 'f')),
                    "", "");
  ASSERT_THAT(document, IsOk());
  const auto& manifest = std::get<Manifest>(*document);
  EXPECT_THAT(manifest.layers[0].annotations, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_EQ(manifest.layers[0].FindAnnotation("b"), "2");
  EXPECT_EQ(manifest.layers[0].FindAnnotation("B"), std::nullopt);
  EXPECT_EQ(manifest.config.FindAnnotation("a"), std::nullopt);
  EXPECT_EQ(manifest.layers[0].artifact_type, "t/x");
  EXPECT_EQ(manifest.artifact_type, "a/b");
  EXPECT_EQ(manifest.subject->digest.hex(), Hex('f'));
}

TEST(ParseDocument, IgnoresOtherPlacesOfTheContent) {
  for (const std::string others :
       {R"(,"urls":["https://x.example/y"],"data":"AA==")", R"(,"urls":1,"data":[])"}) {
    const auto with = ParseDocument(
        Schema2(kConfig + R"(,"layers":[)" + DescriptorText(kTar, '1', others) + "]"), "", "");
    const auto without = ParseDocument(
        Schema2(kConfig + R"(,"layers":[)" + DescriptorText(kTar, '1') + "]"), "", "");
    ASSERT_THAT(with, IsOk());
    EXPECT_EQ(std::get<Manifest>(*with).layers, std::get<Manifest>(*without).layers);
  }
}

TEST(ParseDocument, TellsTheKindByShapeWhenNobodySaysIt) {
  const auto manifest = ParseDocument(Schema2(kConfig + "," + kLayers), "", "");
  ASSERT_THAT(manifest, IsOk());
  EXPECT_EQ(std::get<Manifest>(*manifest).media_type, kOciManifest);
  const auto index = ParseDocument(Schema2(kManifests), "", "");
  ASSERT_THAT(index, IsOk());
  EXPECT_EQ(std::get<Index>(*index).media_type, kOciIndex);
}

TEST(ParseDocument, ReadsContentTypesWithParameters) {
  EXPECT_THAT(
      ParseDocument(kImage, "Application/vnd.oci.image.manifest.v1+JSON ; charset=utf-8", ""),
      IsOk());
}

TEST(ParseDocument, TakesZeroLayersForAnImage) {
  const auto document = ParseDocument(Schema2(kConfig + R"(,"layers":[])"), kDockerManifest, "");
  ASSERT_THAT(document, IsOk());
  EXPECT_FALSE(std::get<Manifest>(*document).IsAttestation());
}

TEST(IsTarLayer, KnowsWhatRuntimesUnpack) {
  for (const std::string type :
       {"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}) {
    EXPECT_TRUE(IsTarLayer(type)) << type;
  }
  for (const std::string type :
       {"", "application/vnd.erofs.layer.v1", "application/vnd.oci.image.layer.v1.erofs",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.in-toto+json",
        "tar", "application/vnd.oci.image.layer.v1.tar+xz"}) {
    EXPECT_FALSE(IsTarLayer(type)) << type;
  }
}

TEST(Manifest, IsAnAttestationOnlyWhenEveryLayerIsInToto) {
  const std::string in_toto = DescriptorText("application/vnd.in-toto+json", '3');
  const auto all = ParseDocument(Schema2(kConfig + R"(,"layers":[)" + in_toto + "]"), "", "");
  const auto mixed = ParseDocument(
      Schema2(kConfig + R"(,"layers":[)" + in_toto + "," + DescriptorText(kTar, '1') + "]"), "",
      "");
  ASSERT_THAT(all, IsOk());
  ASSERT_THAT(mixed, IsOk());
  EXPECT_TRUE(std::get<Manifest>(*all).IsAttestation());
  EXPECT_FALSE(std::get<Manifest>(*mixed).IsAttestation());
}

TEST(Manifest, IsNoImageWithAnotherConfig) {
  const auto document = ParseDocument(
      Schema2(R"("config":)" + DescriptorText("application/vnd.cncf.helm.config.v1+json", 'c') +
              "," + kLayers),
      "", "");
  ASSERT_THAT(document, IsOk());
  EXPECT_FALSE(std::get<Manifest>(*document).IsImage());
}

struct RejectCase {
  std::string name;
  std::string text;
  std::string content_type = {};
  std::string expected = {};
  ErrorCode want = ErrorCode::kInvalidArgument;
};

class ParseDocumentRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ParseDocumentRejects, WithTheRightCode) {
  const RejectCase& test = GetParam();
  EXPECT_THAT(ParseDocument(test.text, test.content_type, test.expected), ErrorIs(test.want));
}

std::string WithSize(const std::string& size) {
  return Schema2(kConfig + R"(,"layers":[{"mediaType":"a/b","digest":"sha256:)" + Hex('1') +
                 R"(","size":)" + size + "}]");
}

const std::string kOciIndexText(kOciIndex);
const std::string kOciManifestText(kOciManifest);
const std::string kDockerManifestText(kDockerManifest);
const std::string kSchema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";

INSTANTIATE_TEST_SUITE_P(
    Ambiguous, ParseDocumentRejects,
    ::testing::Values(
        RejectCase{"IndexWithLayers", Typed(kOciIndex, kManifests + "," + kLayers)},
        RejectCase{"IndexWithConfig", Typed(kOciIndex, kManifests + "," + kConfig)},
        RejectCase{"IndexWithEmptyLayers", Typed(kOciIndex, kManifests + R"(,"layers":[])")},
        RejectCase{"ManifestWithManifests",
                   Typed(kOciManifest, kConfig + "," + kLayers + "," + kManifests)},
        RejectCase{"ManifestWithNullManifests",
                   Typed(kOciManifest, kConfig + "," + kLayers + R"(,"manifests":null)")},
        RejectCase{"ManifestWithFsLayers",
                   Typed(kOciManifest, kConfig + "," + kLayers + R"(,"fsLayers":[])")},
        RejectCase{"BothWithoutType", Schema2(kConfig + "," + kLayers + "," + kManifests)},
        RejectCase{"HeaderSaysIndex", kImage, kOciIndexText},
        RejectCase{"DescriptorSaysIndex", kImage, "", kOciIndexText},
        RejectCase{"DescriptorSaysDocker", kImage, kOciManifestText, kDockerManifestText},
        RejectCase{"HeaderAgainstDescriptor", Schema2(kConfig + "," + kLayers), kOciManifestText,
                   kDockerManifestText},
        RejectCase{"HeaderSaysIndexOfUntypedManifest", Schema2(kConfig + "," + kLayers),
                   kOciIndexText},
        RejectCase{"DuplicateKey", Schema2(kConfig + "," + kLayers + "," + kLayers)},
        RejectCase{"CaseVariant", Schema2(kConfig + "," + kLayers + R"(,"Layers":[])")},
        RejectCase{"OnlyCaseVariant", Schema2(kConfig + "," + kLayers + R"(,"Manifests":[])")},
        RejectCase{"UnicodeCaseVariant",
                   Schema2(kConfig + "," + kLayers + ",\"manife\u017Ft\u017F\":[]")},
        RejectCase{"CaseVariantOfMediaType",
                   Schema2(R"("MediaType":"x/y",)" + kConfig + "," + kLayers)},
        RejectCase{
            "CaseVariantInDescriptor",
            Schema2(kConfig + R"(,"layers":[)" + DescriptorText(kTar, '1', R"(,"Size":8)") + "]")}),
    [](const auto& param) { return param.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Damaged, ParseDocumentRejects,
    ::testing::Values(
        RejectCase{"Empty", ""}, RejectCase{"NoObject", "[]"},
        RejectCase{"TrailingBytes", kImage + "{}"},
        RejectCase{"NoSchemaVersion", "{" + kConfig + "," + kLayers + "}"},
        RejectCase{"SchemaVersionText", R"({"schemaVersion":"2",)" + kConfig + "," + kLayers + "}"},
        RejectCase{"SchemaVersion3", R"({"schemaVersion":3,)" + kConfig + "," + kLayers + "}"},
        RejectCase{"NoLayers", Schema2(kConfig)},
        RejectCase{"NullLayers", Schema2(kConfig + R"(,"layers":null)")},
        RejectCase{"LayersObject", Schema2(kConfig + R"(,"layers":{})")},
        RejectCase{"NoConfig", Schema2(kLayers)},
        RejectCase{"ConfigText", Schema2(R"("config":"x",)" + kLayers)},
        RejectCase{"NoManifests", Typed(kOciIndex, R"("x":1)")},
        RejectCase{"NegativeSize", WithSize("-1")}, RejectCase{"FractionSize", WithSize("1.0")},
        RejectCase{"ExponentSize", WithSize("1e3")}, RejectCase{"TextSize", WithSize("\"1\"")},
        RejectCase{"SizeAboveInt64", WithSize("9223372036854775808")},
        RejectCase{"SizeAbove64Bits", WithSize("18446744073709551616")},
        RejectCase{"NullSize", WithSize("null")},
        RejectCase{"NoMediaType", Schema2(kConfig + R"(,"layers":[{"digest":"sha256:)" + Hex('1') +
                                          R"(","size":1}])")},
        RejectCase{"EmptyMediaType",
                   Schema2(kConfig + R"(,"layers":[)" + DescriptorText("", '1') + "]")},
        RejectCase{"BadDigest",
                   Schema2(kConfig + R"(,"layers":[)" + DescriptorText(kTar, 'x') + "]")},
        RejectCase{"BadSubject", Schema2(kConfig + "," + kLayers + R"(,"subject":{})")},
        RejectCase{"BadAnnotation",
                   Schema2(kConfig + R"(,"layers":[)" +
                           DescriptorText(kTar, '1', R"(,"annotations":{"a":1})") + "]")},
        RejectCase{"BadPlatform",
                   Schema2(R"("manifests":[)" +
                           DescriptorText(kOciManifest, '1', R"(,"platform":{"os":1})") + "]")}),
    [](const auto& param) { return param.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Unknown, ParseDocumentRejects,
    ::testing::Values(RejectCase{"Schema1", R"({"schemaVersion":1,"fsLayers":[]})", "", "",
                                 ErrorCode::kUnsupported},
                      RejectCase{"Schema1Header", Schema2(kConfig + "," + kLayers), kSchema1, "",
                                 ErrorCode::kUnsupported},
                      RejectCase{"ArtifactManifest",
                                 Typed("application/vnd.oci.artifact.manifest.v1+json", kLayers),
                                 "", "", ErrorCode::kUnsupported},
                      RejectCase{"PlainJsonHeader", Schema2(kConfig + "," + kLayers),
                                 "application/json", "", ErrorCode::kUnsupported}),
    [](const auto& param) { return param.param.name; });

std::string List(const std::string& key, std::string_view type, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i > 0 ? "," : "") + DescriptorText(type, 'a');
  return Quoted(key) + ":[" + list + "]";
}

TEST(ParseDocument, HoldsItsLimits) {
  EXPECT_THAT(ParseDocument(Schema2(kConfig + "," + List("layers", kTar, kMaxLayers)), "", ""),
              IsOk());
  EXPECT_THAT(ParseDocument(Schema2(kConfig + "," + List("layers", kTar, kMaxLayers + 1)), "", ""),
              ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(ParseDocument(Schema2(List("manifests", kOciManifest, kMaxPlatforms)), "", ""),
              IsOk());
  EXPECT_THAT(ParseDocument(Schema2(List("manifests", kOciManifest, kMaxPlatforms + 1)), "", ""),
              ErrorIs(ErrorCode::kResourceExhausted));
  const std::string padded = kImage + std::string(kMaxManifestBytes - kImage.size(), ' ');
  EXPECT_THAT(ParseDocument(padded, "", ""), IsOk());
  EXPECT_THAT(ParseDocument(padded + " ", "", ""), ErrorIs(ErrorCode::kResourceExhausted));
}

}  // namespace
}  // namespace xzgate::oci
