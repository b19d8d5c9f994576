// Listing of candidates.h.

#include <gmock/gmock.h>

#include "tests/scanner/signature/candidates_fixture.h"

namespace xzgate::signature {
namespace {

using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

Listing SomeListing() {
  return {.manifests = {{Place::kSigTag, kImage}, {Place::kFallbackTag, kOtherImage, kSlsa}},
          .beyond = {{Place::kReferrer, oci::Digest::Of(AsBytes(std::string_view("x")))}},
          .has_more = true};
}

TEST(ListingTest, IsReadAsItWasWritten) {
  const auto again = ListingFromJson(ToJson(SomeListing()));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->manifests, SomeListing().manifests);
  EXPECT_EQ(again->beyond, SomeListing().beyond);
  EXPECT_TRUE(again->has_more);
}

TEST(ListingTest, RefusesWhatIsNone) {
  const json::Value good = ToJson(SomeListing());
  EXPECT_THAT(ListingFromJson(json::Value("x")), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(ListingFromJson(json::Object{}), ErrorIs(ErrorCode::kInvalidArgument));
  for (const auto& [path, value] :
       {std::pair{"has_more", json::Value("x")}, std::pair{"manifests", json::Value("x")},
        std::pair{"manifests.0.place", json::Value("nowhere")},
        std::pair{"manifests.0.manifest", json::Value("sha256:0")},
        std::pair{"manifests.0.hint", json::Value(1)},
        std::pair{"manifests.0", json::Value("x")}}) {
    EXPECT_THAT(ListingFromJson(testing::With(good, path, value)),
                ErrorIs(ErrorCode::kInvalidArgument))
        << path;
  }
  json::Value unknown = good;
  unknown.AsObject()->emplace_back("x", 1);
  EXPECT_THAT(ListingFromJson(unknown), ErrorIs(ErrorCode::kInvalidArgument, "\"x\""));
}

TEST(ListingTest, HoldsItsLimits) {
  Listing listing{.manifests = std::vector(kMaxCandidates, Listed{Place::kReferrer, kImage}),
                  .beyond = std::vector(kMaxBeyond, Listed{Place::kReferrer, kImage})};
  EXPECT_THAT(ListingFromJson(ToJson(listing)), IsOk());
  listing.beyond.push_back(listing.beyond.back());
  EXPECT_THAT(ListingFromJson(ToJson(listing)), ErrorIs(ErrorCode::kResourceExhausted, "beyond"));
}

TEST(ListingTest, FingerprintIsOfTheDigestsAlone) {
  Listing listing = SomeListing();
  const std::string before = listing.Fingerprint();
  EXPECT_THAT(before, SizeIs(64));
  std::swap(listing.manifests[0], listing.manifests[1]);
  listing.manifests[0].hint.clear();
  EXPECT_EQ(listing.Fingerprint(), before);
  listing.has_more = false;
  EXPECT_NE(listing.Fingerprint(), before);
  listing.has_more = true;
  listing.beyond.clear();
  EXPECT_NE(listing.Fingerprint(), before);
}

TEST(PlaceTest, HasWords) {
  EXPECT_EQ(ToString(Place::kSigTag), "sig tag");
  EXPECT_EQ(ToString(Place::kAttTag), "att tag");
  EXPECT_EQ(ToString(Place::kReferrer), "referrer");
  EXPECT_EQ(ToString(Place::kFallbackTag), "fallback tag");
}

}  // namespace
}  // namespace xzgate::signature
