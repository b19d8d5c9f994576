#include "scanner/worker/image_scanner.h"

#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {
namespace {

using ImageScannerTest = WorkerCase;

TEST_F(ImageScannerTest, ScansAManifest) {
  const ScanResult result = Scan(ManifestOf({Layer("5.6.1-1")}));
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffected);
  EXPECT_FALSE(result.retry);
  EXPECT_EQ(result.cost.layers_read, 1U);
  EXPECT_TRUE(*store_->FindReport(*oci::Digest::Parse(result.report.digest), pack_.Key()));
}

TEST_F(ImageScannerTest, ReadsALayerOnceInItsLife) {
  const auto base = Layer("5.4.1-0.2");
  Scan(ManifestOf({base}));
  const ScanResult second = Scan(ManifestOf({base, Layer("5.4.1-0.3")}));
  EXPECT_EQ(second.cost.layers_reused, 1U);
  EXPECT_EQ(second.cost.layers_read, 1U);
  EXPECT_EQ(source_.blobs(), 2);
}

// New rules over a warm store: verdicts anew, without a byte of a layer or a manifest.
TEST_F(ImageScannerTest, NewRulesReadNothingAgain) {
  const auto image = ManifestOf({Layer("5.6.1-1")});
  Scan(image);
  rules::RulePack newer = pack_;
  newer.version = "next";
  ImageScanner next(source_, *store_, newer, clock_, logger_, {});
  const int manifests = source_.manifests();
  const int blobs = source_.blobs();
  EXPECT_EQ(next.Scan(Pinned(image), {}).report.verdict, rules::Verdict::kAffected);
  EXPECT_EQ(source_.manifests(), manifests);
  EXPECT_EQ(source_.blobs(), blobs);
}

TEST_F(ImageScannerTest, AnIndexIsAsBadAsItsWorstPlatform) {
  const ScanResult result = Scan(IndexOf({{ManifestOf({Layer("5.6.1-1")}), "amd64"},
                                          {ManifestOf({Layer("5.4.1-0.2")}, "arm64"), "arm64"}}));
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffected);
  EXPECT_EQ(result.report.platforms.size(), 2U);
}

TEST_F(ImageScannerTest, OnlyConfiguredPlatformsDecide) {
  ScanOptions options;
  options.platforms = {{.os = "linux", .architecture = "arm64", .variant = ""}};
  ImageScanner scanner(source_, *store_, pack_, clock_, logger_, options);
  const auto index = IndexOf({{ManifestOf({Layer("5.6.1-1")}), "amd64"},
                              {ManifestOf({Layer("5.4.1-0.2")}, "arm64"), "arm64"}});
  EXPECT_EQ(scanner.Scan(Pinned(index), {}).report.verdict, rules::Verdict::kClean);
}

TEST_F(ImageScannerTest, AnArtifactIsNoImage) {
  const auto blob = source_.Put("application/json", "{}");
  const auto artifact = ManifestOf({blob}, "amd64", "application/vnd.oci.empty.v1+json");
  const ScanResult result = Scan(artifact);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kUnknown);
  EXPECT_EQ(result.report.cause, rules::Cause::kNotAnImage);
}

// An artifact that carries a tar layer can be unpacked: it is read like an image.
TEST_F(ImageScannerTest, AnArtifactWithATarLayerIsRead) {
  EXPECT_EQ(
      Scan(IndexOf({{ManifestOf({Layer("5.6.1-1")}, "amd64", "application/vnd.example.config+json"),
                     "amd64"}}))
          .report.verdict,
      rules::Verdict::kAffected);
}

// Whoever serves them: the digest is not to blame, and its place in the store stays free for what
// another registry gives.
TEST_F(ImageScannerTest, WrongBytesAreTheSourcesFault) {
  oci::Descriptor layer = Layer("5.4.1");
  layer.size += 1;
  const auto image = ManifestOf({layer});
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.cause, rules::Cause::kUnreadable);
  ASSERT_TRUE(result.retry);
  EXPECT_EQ(CauseOf(result.retry->code()), rules::Cause::kUnreadable);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
}

TEST_F(ImageScannerTest, AFalseContentTypeIsTheSourcesFault) {
  const auto image = ManifestOf({Layer("5.4.1")});
  source_.CallIt(image.digest, std::string(oci::kOciIndex));
  EXPECT_TRUE(Scan(image).retry);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
  source_.CallIt(image.digest, std::string(oci::kOciManifest));
  EXPECT_EQ(Scan(image).report.verdict, rules::Verdict::kClean);
}

class RefusedByTheSource : public WorkerCase, public ::testing::WithParamInterface<ErrorCode> {};

TEST_P(RefusedByTheSource, StoresNothingUnderTheDigest) {
  const auto image = ManifestOf({Layer("5.4.1")});
  source_.FailWith(Error(GetParam(), "whatever it says"));
  EXPECT_TRUE(Scan(image).retry);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
}

INSTANTIATE_TEST_SUITE_P(All, RefusedByTheSource,
                         ::testing::Values(ErrorCode::kIntegrity, ErrorCode::kInvalidArgument,
                                           ErrorCode::kUnsupported, ErrorCode::kResourceExhausted,
                                           ErrorCode::kNotFound),
                         [](const auto& test) {
                           return "Code" + std::to_string(static_cast<int>(test.param));
                         });

// Whatever the bytes look like: a runtime that knows the type reads them in another way.
TEST_F(ImageScannerTest, ALayerThatIsNoTarIsUnreadable) {
  const auto layer = Layer("5.4.1");
  EXPECT_EQ(Scan(ManifestOf({layer})).report.verdict, rules::Verdict::kClean);
  oci::Descriptor other = layer;
  other.media_type = "application/vnd.erofs.layer.v1";
  const ScanResult result = Scan(ManifestOf({other}));
  EXPECT_EQ(result.report.verdict, rules::Verdict::kUnknown);
  EXPECT_EQ(result.report.cause, rules::Cause::kUnreadable);
  EXPECT_THAT(result.report.detail, HasSubstr("erofs"));
  EXPECT_FALSE(result.retry);
}

// Damage in verified bytes is the digest's own, and final.
TEST_F(ImageScannerTest, DamagedContentIsUnreadableAndStays) {
  const auto image =
      ManifestOf({source_.Put("application/vnd.oci.image.layer.v1.tar+gzip", "no layer at all")});
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.cause, rules::Cause::kUnreadable);
  EXPECT_FALSE(result.retry);
  EXPECT_TRUE(*store_->FindReport(image.digest, pack_.Key()));
}

// An image that names the manifest of another as its config must not change what it is taken for.
TEST_F(ImageScannerTest, AManifestThatWasReadAsAConfigIsStillAManifest) {
  const auto victim = ManifestOf({Layer("5.4.1")});
  oci::Descriptor as_config = victim;
  as_config.media_type = std::string(oci::kOciConfig);
  const auto poison = source_.Put(
      std::string(oci::kOciManifest),
      R"({"schemaVersion":2,"config":)" + DescriptorJson(as_config) + R"(,"layers":[]})");
  Scan(poison);
  EXPECT_EQ(Scan(victim).report.verdict, rules::Verdict::kClean);
}

TEST_F(ImageScannerTest, AMissingLayerMayComeBack) {
  const auto layer = Layer("5.4.1");
  const auto image = ManifestOf({layer});
  source_.Remove(layer.digest);
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kUnknown);
  EXPECT_EQ(result.report.cause, rules::Cause::kUnreachable);
  EXPECT_TRUE(result.retry);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
}

// What was found stands, whatever else could not be reached.
TEST_F(ImageScannerTest, ABadLayerOutvotesAMissingOne) {
  const auto missing = Layer("5.4.2");
  const auto image = ManifestOf({missing, Layer("5.6.1-1")});
  source_.Remove(missing.digest);
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffected);
  EXPECT_FALSE(result.retry);
}

// A version without payload in one layer says nothing of the layer that was not there.
TEST_F(ImageScannerTest, AMilderFindingWaitsForAMissingLayer) {
  const auto missing = Layer("5.4.2");
  const auto image = ManifestOf({ApkLayer("5.6.1-r1"), missing});
  source_.Remove(missing.digest);
  const ScanResult result = Scan(image);
  EXPECT_EQ(result.report.verdict, rules::Verdict::kAffectedVersion);
  EXPECT_TRUE(result.retry);
  EXPECT_FALSE(*store_->FindReport(image.digest, pack_.Key()));
}

class LimitsTest : public WorkerCase {
 protected:
  ScanResult ScanWithin(std::uint64_t max_unpacked_bytes, const oci::Descriptor& image) {
    ScanOptions options;
    options.layer_limits.max_unpacked_bytes = max_unpacked_bytes;
    return ImageScanner(source_, *store_, pack_, clock_, logger_, options).Scan(Pinned(image), {});
  }
};

TEST_F(LimitsTest, ARaisedLimitReadsWhatWasCutAgain) {
  const auto image = ManifestOf({Layer("5.4.1")});
  EXPECT_EQ(ScanWithin(1024, image).report.cause, rules::Cause::kUnreadable);
  EXPECT_EQ(ScanWithin(1024, image).cost.layers_reused, 1U);
  const ScanResult raised = ScanWithin(1 << 20, image);
  EXPECT_EQ(raised.cost.layers_read, 1U);
  EXPECT_EQ(raised.report.verdict, rules::Verdict::kClean);
}

// What was read to the end is true whatever the limits are.
TEST_F(LimitsTest, AnotherLimitReadsNothingWholeAgain) {
  const auto image = ManifestOf({Layer("5.6.1-1")});
  EXPECT_EQ(ScanWithin(1 << 20, image).cost.layers_read, 1U);
  for (const std::uint64_t limit : {1U << 21, 1024U}) {
    const ScanResult again = ScanWithin(limit, image);
    EXPECT_EQ(again.cost.layers_reused, 1U);
    EXPECT_EQ(again.report.verdict, rules::Verdict::kAffected);
  }
}

TEST(FactsKeys, HoldEachLimit) {
  const facts::Probes probes;
  const facts::LayerLimits plain;
  const std::string key = MakeFactsKeys(probes, plain).cut;
  for (const auto member : {&facts::LayerLimits::max_unpacked_bytes, &facts::LayerLimits::max_ratio,
                            &facts::LayerLimits::ratio_free_bytes, &facts::LayerLimits::max_entries,
                            &facts::LayerLimits::max_database_bytes}) {
    facts::LayerLimits other;
    other.*member += 1;
    EXPECT_NE(MakeFactsKeys(probes, other).cut, key);
    EXPECT_EQ(MakeFactsKeys(probes, other).whole, MakeFactsKeys(probes, plain).whole);
  }
}

}  // namespace
}  // namespace xzgate::worker
