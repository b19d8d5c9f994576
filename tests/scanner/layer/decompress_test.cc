#include "scanner/layer/decompress.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/scanner/layer/walk.h"
#include "tests/support/compress.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using testing::ErrorIs;
using testing::Gzip;
using testing::IsOk;
using testing::TarBuilder;
using testing::Unpack;
using testing::Zstd;
using testing::ZstdSkippable;

std::string SampleTar() {
  return TarBuilder().AddFile("usr/lib/a.so", std::string(3000, 'a')).Finish();
}

struct MagicCase {
  const char* name;
  std::string packed;
  Compression want;
  std::string content;
};

class Magic : public ::testing::TestWithParam<MagicCase> {};

TEST_P(Magic, TellsTheCompression) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    MemorySource packed(GetParam().packed, chunk);
    const auto source = DecompressedSource::Open(packed, {});
    ASSERT_THAT(source, IsOk());
    EXPECT_EQ((*source)->compression(), GetParam().want);
    const auto content = ReadAll(**source, 1 << 20, "layer");
    ASSERT_THAT(content, IsOk());
    EXPECT_EQ(*content, GetParam().content);
    EXPECT_EQ((*source)->trailing_bytes(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Accepted, Magic,
    ::testing::Values(MagicCase{"Gzip", Gzip(SampleTar()), Compression::kGzip, SampleTar()},
                      MagicCase{"Zstd", Zstd(SampleTar()), Compression::kZstd, SampleTar()},
                      MagicCase{"ZstdBehindSkippableFrame",
                                ZstdSkippable("toc", 15) + Zstd(SampleTar()), Compression::kZstd,
                                SampleTar()},
                      MagicCase{"PlainTar", SampleTar(), Compression::kNone, SampleTar()},
                      MagicCase{"Empty", "", Compression::kNone, ""},
                      MagicCase{"OneByte", "\x1F", Compression::kNone, "\x1F"},
                      MagicCase{"TextIsPassedThrough", "hello", Compression::kNone, "hello"},
                      // A compression inside another one is not looked for: the tar reader will say
                      // that this is no tar.
                      MagicCase{"GzipInGzip", Gzip(Gzip("x")), Compression::kGzip, Gzip("x")}),
    [](const auto& param) { return param.param.name; });

struct RejectCase {
  const char* name;
  std::string packed;
};

class KnownButUnread : public ::testing::TestWithParam<RejectCase> {};

TEST_P(KnownButUnread, IsUnsupported) {
  EXPECT_THAT(Unpack(GetParam().packed), ErrorIs(ErrorCode::kUnsupported, "want gzip"));
}

INSTANTIATE_TEST_SUITE_P(Rejected, KnownButUnread,
                         ::testing::Values(RejectCase{"Bzip2", "BZh91AY&SY"},
                                           // Docker and CRI-O would take it for bzip2, whatever
                                           // stands around the name.
                                           RejectCase{"TarWhoseFirstNameLooksLikeBzip2",
                                                      TarBuilder().AddFile("BZh91AY", "").Finish()},
                                           RejectCase{"Xz", std::string("\xFD"
                                                                        "7zXZ\0\0\4",
                                                                        8)},
                                           RejectCase{"Lz4", "\x04\x22\x4D\x18\x64"},
                                           RejectCase{"Compress", "\x1F\x9D\x90"},
                                           RejectCase{"SevenZip", "7z\xBC\xAF\x27\x1C"}),
                         [](const auto& param) { return param.param.name; });

// An encrypted layer (ocicrypt) looks like noise: passed through here, refused by the tar reader.
TEST(DecompressedSource, NoiseIsNoTar) {
  std::string noise;
  for (int i = 0; i < 2048; ++i) noise += static_cast<char>(i * 181 + 77);
  MemorySource packed(noise);
  const auto source = DecompressedSource::Open(packed, {});
  ASSERT_THAT(source, IsOk());
  EXPECT_THAT(testing::Walk(**source), ErrorIs(ErrorCode::kIntegrity, "not a tar archive"));
}

TEST(DecompressedSource, OutputLimitHoldsOnBothSides) {
  const std::string text(1000, 'x');
  for (const std::string& packed : {Gzip(text), Zstd(text), text}) {
    EXPECT_THAT(Unpack(packed, {.max_output_bytes = 1000}), IsOk());
    EXPECT_THAT(Unpack(packed, {.max_output_bytes = 999}),
                ErrorIs(ErrorCode::kResourceExhausted, "999 bytes"));
  }
}

TEST(DecompressedSource, RatioCountsOnlyAfterTheFreeBytes) {
  const std::string packed = Gzip(std::string(100'000, 'x'), 9);
  ASSERT_LT(packed.size(), 500u);
  EXPECT_THAT(Unpack(packed, {.max_ratio = 10, .ratio_free_bytes = 100'000}), IsOk());
  EXPECT_THAT(Unpack(packed, {.max_ratio = 10, .ratio_free_bytes = 99'999}),
              ErrorIs(ErrorCode::kResourceExhausted, "10 times"));
}

TEST(DecompressedSource, NoRatioForPlainBytes) {
  EXPECT_THAT(Unpack(std::string(100'000, 'x'), {.max_ratio = 1, .ratio_free_bytes = 0}), IsOk());
}

TEST(DecompressedSource, ZeroRatioIsAMistake) {
  EXPECT_THAT(Unpack("x", {.max_ratio = 0}), ErrorIs(ErrorCode::kInvalidArgument));
}

TEST(DecompressedSource, StaysFailedAfterAnError) {
  const std::string whole = Gzip(std::string(10'000, 'x'));
  MemorySource packed(whole.substr(0, whole.size() - 4));
  auto source = DecompressedSource::Open(packed, {});
  ASSERT_THAT(source, IsOk());
  EXPECT_THAT(ReadAll(**source, 1 << 20, "layer"), ErrorIs(ErrorCode::kIntegrity));
  std::uint8_t byte = 0;
  EXPECT_THAT((*source)->Read({&byte, 1}), ErrorIs(ErrorCode::kIntegrity));
}

// Fails after its first bytes, as a connection may.
class BrokenSource final : public ByteSource {
 public:
  explicit BrokenSource(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = bytes_.Read(into);
    if (count && *count == 0) return Unavailable("connection reset");
    return count;
  }

 private:
  MemorySource bytes_;
};

TEST(DecompressedSource, PassesOnTheErrorOfItsSource) {
  for (const std::string& whole : {Gzip(SampleTar()), Zstd(SampleTar()), SampleTar()}) {
    BrokenSource packed(whole.substr(0, whole.size() / 2));
    auto source = DecompressedSource::Open(packed, {});
    if (!source) {  // so short that the magic bytes are all
      EXPECT_THAT(source, ErrorIs(ErrorCode::kUnavailable));
      continue;
    }
    EXPECT_THAT(ReadAll(**source, 1 << 20, "layer"),
                ErrorIs(ErrorCode::kUnavailable, "connection reset"));
  }
}

TEST(Compression, HasNames) {
  EXPECT_EQ(ToString(Compression::kNone), "none");
  EXPECT_EQ(ToString(Compression::kGzip), "gzip");
  EXPECT_EQ(ToString(Compression::kZstd), "zstd");
}

}  // namespace
}  // namespace xzgate::layer
