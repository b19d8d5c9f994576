#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "scanner/layer/codec.h"
#include "tests/scanner/layer/walk.h"
#include "tests/support/compress.h"
#include "tests/support/result_matchers.h"
#include "tests/support/tar_builder.h"

namespace xzgate::layer {
namespace {

using testing::ErrorIs;
using testing::Gzip;
using testing::GzipAllFields;
using testing::GzipMembers;
using testing::IsOk;
using testing::TarBuilder;

struct Unpacked {
  std::string text;
  std::uint64_t trailing = 0;
  bool operator==(const Unpacked&) const = default;
};

Result<Unpacked> UnpackWith(std::unique_ptr<Inflater> inflater, std::string packed,
                            std::size_t chunk, std::size_t piece) {
  MemorySource source(std::move(packed), chunk);
  XZGATE_ASSIGN(auto unpacked, OpenWithInflater(source, {}, std::move(inflater)));
  Unpacked result;
  std::string buffer(piece, '\0');
  while (true) {
    XZGATE_ASSIGN(const std::size_t count,
                  unpacked->Read({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()}));
    if (count == 0) break;
    result.text.append(buffer, 0, count);
  }
  result.trailing = unpacked->trailing_bytes();
  return result;
}

// Every test of this suite runs over both inflaters.
class GzipLayers : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam() && MakeIsalInflater() == nullptr) GTEST_SKIP() << "built without ISA-L";
  }
  std::unique_ptr<Inflater> MakeInflater() const {
    return GetParam() ? MakeIsalInflater() : MakeZlibInflater();
  }
  Result<Unpacked> Unpack(std::string packed, std::size_t chunk = SIZE_MAX) const {
    return UnpackWith(MakeInflater(), std::move(packed), chunk, 4096);
  }
};

INSTANTIATE_TEST_SUITE_P(Both, GzipLayers, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Isal" : "Zlib"; });

std::string Noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) {
    // Runs, words and noise, so that all kinds of deflate blocks come.
    switch (random() % 3) {
      case 0:
        text.append(random() % 300, static_cast<char>(random()));
        break;
      case 1:
        text += "liblzma.so.5 usr/lib/x86_64-linux-gnu ";
        break;
      default:
        for (auto i = random() % 100; i > 0; --i) text += static_cast<char>(random());
    }
  }
  text.resize(size);
  return text;
}

TEST_P(GzipLayers, ReadsEveryMember) {
  const std::string tar = TarBuilder().AddFile("first", "1").AddFile("second", "backdoor").Finish();
  const auto unpacked = Unpack(GzipMembers(tar, {1024}));
  ASSERT_THAT(unpacked, IsOk());
  EXPECT_EQ(unpacked->text, tar);
  const auto items = testing::WalkTar(unpacked->text);
  ASSERT_THAT(items, IsOk());
  EXPECT_EQ(items->size(), 2u);
}

TEST_P(GzipLayers, SkipsEmptyMembers) {
  const std::string packed = Gzip("") + Gzip("a") + Gzip("") + Gzip("") + Gzip("b") + Gzip("");
  EXPECT_THAT(Unpack(packed).value(), (Unpacked{"ab", 0}));
  EXPECT_THAT(Unpack(Gzip("")).value(), (Unpacked{"", 0}));
}

TEST_P(GzipLayers, ReadsHeadersWithEveryField) {
  const std::string packed = GzipAllFields("a") + GzipAllFields("b") + Gzip("c");
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{13}, SIZE_MAX}) {
    EXPECT_THAT(Unpack(packed, chunk).value(), (Unpacked{"abc", 0}));
  }
}

TEST_P(GzipLayers, RandomMemberSplitsNeverChangeTheContent) {
  const std::string text = Noise(200'000, 1);
  std::mt19937 random(2);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::size_t> cuts(random() % 12);
    for (std::size_t& cut : cuts) cut = random() % text.size();
    std::ranges::sort(cuts);
    const std::string packed = GzipMembers(text, cuts);
    const std::size_t chunk = 1 + random() % (round % 2 == 0 ? 50 : 100'000);
    const auto unpacked = UnpackWith(MakeInflater(), packed, chunk, 1 + random() % 300'000);
    ASSERT_THAT(unpacked, IsOk()) << "round " << round;
    ASSERT_EQ(unpacked->text, text) << "round " << round;
  }
}

TEST_P(GzipLayers, HandsOutTrailingBytesAndCountsThem) {
  EXPECT_THAT(Unpack(Gzip("a") + "garbage").value(), (Unpacked{"agarbage", 7}));
  EXPECT_THAT(Unpack(Gzip("a") + "\x1F").value(), (Unpacked{"a\x1F", 1}));
  const std::string zeros(1000, '\0');
  EXPECT_THAT(Unpack(Gzip("a") + zeros).value(), (Unpacked{"a" + zeros, 1000}));
}

TEST_P(GzipLayers, RefusesATruncatedStreamAtEveryByte) {
  const std::string whole = GzipAllFields("some text that is long enough for a block of its own");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_THAT(Unpack(whole.substr(0, size)), ErrorIs(ErrorCode::kIntegrity)) << size;
    EXPECT_THAT(Unpack(Gzip("a") + whole.substr(0, size)), ErrorIs(ErrorCode::kIntegrity)) << size;
  }
}

TEST_P(GzipLayers, RefusesAWrongCrcOrSize) {
  const std::string whole = Gzip("content");
  for (std::size_t back = 1; back <= 8; ++back) {
    std::string damaged = whole;
    damaged[damaged.size() - back] ^= 1;
    EXPECT_THAT(Unpack(damaged), ErrorIs(ErrorCode::kIntegrity, back <= 4 ? "size" : "CRC"));
  }
}

TEST_P(GzipLayers, RefusesBadHeaders) {
  std::string method = Gzip("x");
  method[2] = 7;
  EXPECT_THAT(Unpack(method), ErrorIs(ErrorCode::kUnsupported, "method 7"));
  std::string reserved = Gzip("x");
  reserved[3] = '\x20';
  EXPECT_THAT(Unpack(reserved), ErrorIs(ErrorCode::kIntegrity, "reserved"));
  std::string header_crc = GzipAllFields("x");
  header_crc[header_crc.find("layer.tar")] = 'L';
  EXPECT_THAT(Unpack(header_crc), ErrorIs(ErrorCode::kIntegrity, "header's CRC"));
}

// The same bytes or an error from both, whatever the input.
TEST(Inflaters, AgreeOnMutatedStreams) {
  if (MakeIsalInflater() == nullptr) GTEST_SKIP() << "built without ISA-L";
  std::mt19937 random(3);
  int accepted = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string text = Noise(random() % 3000, static_cast<unsigned>(random()));
    std::string packed =
        GzipMembers(text, {text.size() / 2}) + Gzip("end", static_cast<int>(random() % 10));
    for (auto i = random() % 3; i > 0; --i) {
      packed[random() % packed.size()] ^= static_cast<char>(1u << (random() % 8));
    }
    if (random() % 8 == 0) packed.resize(random() % packed.size());
    const std::size_t chunk = 1 + random() % 5000;
    const auto zlib = UnpackWith(MakeZlibInflater(), packed, chunk, 1 + random() % 5000);
    const auto isal = UnpackWith(MakeIsalInflater(), packed, chunk, 1 + random() % 5000);
    ASSERT_EQ(zlib.has_value(), isal.has_value()) << "round " << round;
    if (!zlib) continue;
    ++accepted;
    ASSERT_EQ(*zlib, *isal) << "round " << round;
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace xzgate::layer
