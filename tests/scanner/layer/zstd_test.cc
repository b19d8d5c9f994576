#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "scanner/layer/decompress.h"
#include "tests/scanner/layer/walk.h"
#include "tests/support/compress.h"
#include "tests/support/result_matchers.h"

namespace xzgate::layer {
namespace {

using testing::ErrorIs;
using testing::IsOk;
using testing::Unpack;
using testing::Zstd;
using testing::ZstdFrames;
using testing::ZstdSkippable;

std::string Text(std::size_t size) {
  std::mt19937 random(4);
  std::string text;
  while (text.size() < size) text += std::to_string(random() % 5000) + " usr/lib ";
  text.resize(size);
  return text;
}

TEST(ZstdLayers, ReadEveryFrame) {
  const std::string text = Text(300'000);
  std::mt19937 random(5);
  for (int round = 0; round < 30; ++round) {
    std::vector<std::size_t> cuts(random() % 8);
    for (std::size_t& cut : cuts) cut = random() % text.size();
    std::ranges::sort(cuts);
    EXPECT_EQ(Unpack(ZstdFrames(text, cuts), {}, 1 + random() % 10'000).value(), text) << round;
  }
}

TEST(ZstdLayers, PassSkippableFramesAnywhere) {
  const std::string packed = ZstdSkippable("") + Zstd("a") +
                             ZstdSkippable(std::string(100'000, 's'), 3) + Zstd("") + Zstd("b") +
                             ZstdSkippable("z", 15);
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{5}, SIZE_MAX})
    EXPECT_EQ(Unpack(packed, {}, chunk).value(), "ab");
  EXPECT_EQ(Unpack(ZstdSkippable("only")).value(), "");
}

TEST(ZstdLayers, HandOutTrailingBytesAndCountThem) {
  MemorySource packed(Zstd("a") + "garbage");
  const auto source = DecompressedSource::Open(packed, {});
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ(ReadAll(**source, 100, "layer").value(), "agarbage");
  EXPECT_EQ((*source)->trailing_bytes(), 7u);
}

TEST(ZstdLayers, RefuseATruncatedStreamAtEveryByte) {
  const std::string whole = Zstd("some text that is long enough to be a block of its own");
  for (std::size_t size = 4; size < whole.size(); ++size) {
    EXPECT_THAT(Unpack(whole.substr(0, size)), ErrorIs(ErrorCode::kIntegrity)) << size;
  }
  const std::string skippable = ZstdSkippable("0123456789");
  for (std::size_t size = 4; size < skippable.size(); ++size) {
    EXPECT_THAT(Unpack(skippable.substr(0, size)), ErrorIs(ErrorCode::kIntegrity)) << size;
  }
}

TEST(ZstdLayers, RefuseAWrongChecksum) {
  std::string damaged = Zstd("content");
  damaged.back() ^= 1;
  EXPECT_THAT(Unpack(damaged), ErrorIs(ErrorCode::kIntegrity));
}

// An empty last block in a frame that announces 6,477 bytes: libzstd alone takes it or not, by the
// size of our buffer.
TEST(ZstdLayers, RefuseAFrameThatGivesLessThanItAnnounces) {
  const std::string packed("\x28\xB5\x2F\xFD\x50\x2A\x4D\x18\x01\0\0", 11);
  for (const std::size_t piece : {std::size_t{100}, std::size_t{100'000}}) {
    MemorySource source(packed);
    const auto unpacked = DecompressedSource::Open(source, {});
    ASSERT_THAT(unpacked, IsOk());
    std::string buffer(piece, '\0');
    EXPECT_THAT((*unpacked)->Read({reinterpret_cast<std::uint8_t*>(buffer.data()), piece}),
                ErrorIs(ErrorCode::kIntegrity));
  }
}

TEST(ZstdLayers, WindowLimitHoldsOnBothSides) {
  const std::string text = Text(3'000'000);  // libzstd takes a smaller window for less
  EXPECT_THAT(Unpack(Zstd(text, 3, 21), {.zstd_window_log = 21}), IsOk());
  EXPECT_THAT(Unpack(Zstd(text, 3, 22), {.zstd_window_log = 21}),
              ErrorIs(ErrorCode::kUnsupported, "2^21"));
  EXPECT_THAT(Unpack(Zstd(text, 3, 28)), ErrorIs(ErrorCode::kUnsupported, "2^27"));  // the default
  EXPECT_THAT(Unpack(Zstd(text, 3, 31)), ErrorIs(ErrorCode::kUnsupported, "2^27"));  // --long=31
}

TEST(ZstdLayers, RefuseDictionaries) {
  // A frame with a dictionary id: header descriptor says one byte of it (RFC 8878,
  // section 3.1.1.1).
  std::string packed = Zstd("text", 3, 0, false);
  ASSERT_EQ(packed[4] & 3, 0);
  packed[4] |= 1;
  const bool has_window = (packed[4] & 0x20) == 0;
  packed.insert(has_window ? 6 : 5, 1, '\x2A');
  EXPECT_THAT(Unpack(packed), ErrorIs(ErrorCode::kUnsupported, "dictionary"));
}

}  // namespace
}  // namespace xzgate::layer
