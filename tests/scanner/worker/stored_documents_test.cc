#include "scanner/worker/stored_documents.h"

#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {
namespace {

using ::testing::AllOf;
using ::xzgate::testing::ErrorIs;

class StoredDocumentsTest : public WorkerCase {
 protected:
  Result<registry::VerifiedBytes> Manifest(registry::ImageSource& from, const oci::Descriptor& d) {
    return from.FetchManifest(Pinned(d), {});
  }
  Result<registry::VerifiedBytes> Blob(registry::ImageSource& from, const oci::Descriptor& d,
                                       std::size_t max_bytes = 1000) {
    return from.FetchBlob(repository_, d, max_bytes, {});
  }

  const oci::Repository repository_{.host = "reg.example", .path = "app"};
  StoredDocuments documents_{source_, *store_, clock_};
  StoredDocuments offline_{*store_, clock_};
};

TEST_F(StoredDocumentsTest, AManifestIsFetchedOnce) {
  const auto manifest = ManifestOf({});
  const auto first = Manifest(documents_, manifest);
  const auto second = Manifest(documents_, manifest);
  const auto third = Manifest(offline_, manifest);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(first->bytes, second->bytes);
  EXPECT_EQ(third->content_type, oci::kOciManifest);
  EXPECT_EQ(source_.Fetches(manifest.digest), 1);
}

TEST_F(StoredDocumentsTest, ABlobIsFetchedOnce) {
  const auto blob = source_.Put("application/vnd.dev.sigstore.bundle.v0.3+json", "{}");
  ASSERT_THAT(Blob(documents_, blob), IsOk());
  EXPECT_EQ(Blob(documents_, blob)->bytes, "{}");
  EXPECT_EQ(Blob(offline_, blob)->bytes, "{}");
  EXPECT_EQ(source_.Fetches(blob.digest), 1);
}

TEST_F(StoredDocumentsTest, OfflineSaysWhatIsNotThere) {
  const auto blob = source_.Put("t", "x");
  const auto not_there = ErrorIs(ErrorCode::kUnavailable, "not in the store");
  EXPECT_THAT(Manifest(offline_, ManifestOf({})), not_there);
  EXPECT_THAT(Blob(offline_, blob), not_there);
  EXPECT_THAT(offline_.Resolve(*oci::Reference::Parse("reg.example/app:1"), {}), not_there);
  EXPECT_THAT(offline_.ListReferrers(Pinned(blob), 1, {}), not_there);
  EXPECT_THAT(offline_.ListTags(repository_, 1, {}), not_there);
  EXPECT_THAT(offline_.Resolve(*oci::Reference::Parse("a@" + blob.digest.ToString()), {}), IsOk());
}

TEST_F(StoredDocumentsTest, AFailureIsNotKept) {
  const auto manifest = ManifestOf({});
  source_.FailWith(Error(ErrorCode::kUnavailable, "503"));
  EXPECT_THAT(Manifest(documents_, manifest), ErrorIs(ErrorCode::kUnavailable, "503"));
  source_.FailWith(std::nullopt);
  EXPECT_THAT(Manifest(documents_, manifest), IsOk());
}

// A signature's layer may name any digest: a manifest stays one for whoever fetches it.
TEST_F(StoredDocumentsTest, AManifestThatIsALayerTooStaysAManifest) {
  const auto manifest = ManifestOf({Layer("5.4.1")});
  ASSERT_THAT(Blob(documents_, manifest, 10'000), IsOk());
  EXPECT_EQ(Scan(manifest).report.verdict, rules::Verdict::kClean);
  ASSERT_THAT(Blob(documents_, manifest, 10'000), IsOk());
  EXPECT_EQ(Manifest(offline_, manifest)->content_type, oci::kOciManifest);
}

// What one registry calls the bytes spoils them for nobody.
TEST_F(StoredDocumentsTest, AManifestUnderAWrongNameIsNotKept) {
  const auto manifest = ManifestOf({Layer("5.4.1")});
  source_.CallIt(manifest.digest, std::string(oci::kOciIndex));
  ASSERT_THAT(Manifest(documents_, manifest), IsOk());
  source_.CallIt(manifest.digest, std::string(oci::kOciManifest));
  EXPECT_THAT(Manifest(offline_, manifest), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_EQ(Scan(manifest).report.verdict, rules::Verdict::kClean);
}

TEST_F(StoredDocumentsTest, WhatIsKeptKeepsItsBounds) {
  auto blob = source_.Put("t", std::string(100, 'x'));
  ASSERT_THAT(Blob(documents_, blob), IsOk());
  EXPECT_THAT(Blob(documents_, blob, 100), IsOk());
  EXPECT_THAT(Blob(documents_, blob, 99), ErrorIs(ErrorCode::kResourceExhausted));
  blob.size = 101;
  EXPECT_THAT(Blob(documents_, blob), ErrorIs(ErrorCode::kIntegrity));
}

TEST_F(StoredDocumentsTest, LargeBlobsAreNotKept) {
  const std::size_t most = StoredDocuments::kMaxKeptBytes;
  const auto kept = source_.Put("t", std::string(most, 'x'));
  const auto large = source_.Put("t", std::string(most + 1, 'x'));
  for (const auto& blob : {kept, large}) ASSERT_THAT(Blob(documents_, blob, most + 1), IsOk());
  EXPECT_THAT(Blob(offline_, kept, most), IsOk());
  EXPECT_THAT(Blob(offline_, large, most + 1), ErrorIs(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace xzgate::worker
