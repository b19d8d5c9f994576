#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scanner/facts/facts_wire.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/facts/packed_facts.h"
#include "tests/support/result_matchers.h"

namespace xzgate::facts {
namespace {

using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

layer::EntryLog Log(std::vector<layer::Entry> entries) {
  layer::EntryLog log;
  for (const layer::Entry& entry : entries) log.Append(entry);
  log.Finish();
  return log;
}

std::vector<layer::Entry> Entries(const layer::EntryLog& log) {
  std::vector<layer::Entry> entries;
  EXPECT_THAT(log.ForEach([&entries](const layer::Entry& entry) {
    entries.push_back(entry);
    return true;
  }),
              IsOk());
  return entries;
}

LayerFacts Full() {
  LayerFacts facts(oci::Digest::Of(AsBytes("blob"), crypto::Algorithm::kSha512));
  facts.compression = "zstd";
  facts.packed_bytes = 123;
  facts.unpacked_bytes = UINT64_MAX;
  facts.entries =
      Log({{layer::EntryType::kFile, "a\xFF\n", ""}, {layer::EntryType::kSymlink, "b", "a"}});
  facts.databases = {{DatabaseKind::kDpkg,
                      "var/lib/dpkg/status",
                      {{"a", "1", "amd64", "b", "2", false}, {"c", "3", "", "c", "3", true}}},
                     {DatabaseKind::kApk, "lib/apk/db/installed", {}}};
  facts.ownership.push_back(
      {DatabaseKind::kApk, "lib/apk/db/installed", Log({{layer::EntryType::kFile, "x", "c"}})});
  ElfFile elf;
  elf.path = std::string("lib\0x", 5);
  elf.member = "a.o";
  elf.size = 77;
  elf.sha256 = "ab";
  elf.machine = 62;
  elf.type = 3;
  elf.soname = "s";
  elf.build_id = "01";
  elf.is_64bit = false;
  elf.is_big_endian = true;
  elf.symbols = {{"v", false, 50060012}, {"w", true, std::nullopt}, {"z", false, 0}};
  elf.patterns = {"p", "q"};
  elf.after_end = true;
  facts.elf_files = {elf, {}};
  facts.os_releases = {{"etc/os-release", "debian", "13"}};
  facts.incomplete = {{"", "x"}, {"p", "y"}};
  facts.notes = {{"n", "z"}};
  facts.toc = {.announced = "0123", .is_incomplete = true};
  return facts;
}

void ExpectEqual(const LayerFacts& a, const LayerFacts& b) {
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(a.compression, b.compression);
  EXPECT_EQ(a.packed_bytes, b.packed_bytes);
  EXPECT_EQ(a.unpacked_bytes, b.unpacked_bytes);
  EXPECT_EQ(Entries(a.entries), Entries(b.entries));
  EXPECT_EQ(a.databases, b.databases);
  ASSERT_EQ(a.ownership.size(), b.ownership.size());
  for (std::size_t i = 0; i < a.ownership.size(); ++i) {
    EXPECT_EQ(a.ownership[i].kind, b.ownership[i].kind);
    EXPECT_EQ(a.ownership[i].source, b.ownership[i].source);
    EXPECT_EQ(Entries(a.ownership[i].files), Entries(b.ownership[i].files));
  }
  EXPECT_EQ(a.elf_files, b.elf_files);
  EXPECT_EQ(a.os_releases, b.os_releases);
  EXPECT_EQ(a.incomplete, b.incomplete);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(a.toc, b.toc);
}

TEST(FactsCodecTest, RoundTrips) {
  const LayerFacts facts = Full();
  const auto decoded = DecodeFacts(EncodeFacts(facts));
  ASSERT_THAT(decoded, IsOk());
  ExpectEqual(facts, *decoded);
  EXPECT_EQ(EncodeFacts(*decoded), EncodeFacts(facts));
}

TEST(FactsCodecTest, RoundTripsNothing) {
  LayerFacts facts(oci::Digest::Of(AsBytes("")));
  facts.entries.Finish();
  const auto decoded = DecodeFacts(EncodeFacts(facts));
  ASSERT_THAT(decoded, IsOk());
  ExpectEqual(facts, *decoded);
}

TEST(FactsCodecTest, AnotherVersionIsUnsupported) {
  std::string bytes = EncodeFacts(Full());
  bytes[7] = 1;
  EXPECT_THAT(DecodeFacts(bytes), ErrorIs(ErrorCode::kUnsupported, "want version 2, found 1"));
}

TEST(FactsCodecTest, DamageIsAnIntegrityError) {
  const std::string bytes = EncodeFacts(Full());
  EXPECT_THAT(DecodeFacts(""), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(DecodeFacts("xzfacts"), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(DecodeFacts(bytes + "x"), ErrorIs(ErrorCode::kIntegrity));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeFacts(bytes.substr(0, size)), ErrorIs(ErrorCode::kIntegrity)) << size;
  }
  for (std::size_t at = 8; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] ^= 0x10;
    const auto decoded = DecodeFacts(flipped);
    if (decoded) {  // a bit of zstd's frame header that means nothing
      ExpectEqual(*decoded, Full());
    }
  }
}

// The same below the checksum: every cut of the fields, and a false count, are found.
TEST(FactsCodecTest, FieldsThatEndEarlyAreAnIntegrityError) {
  const std::string raw = UnpackFacts(EncodeFacts(Full())).value();
  for (std::size_t size = 0; size < raw.size(); ++size) {
    EXPECT_THAT(DecodeFacts(PackFacts(raw.substr(0, size))), ErrorIs(ErrorCode::kIntegrity))
        << size;
  }
  EXPECT_THAT(DecodeFacts(PackFacts(raw + '\0')), ErrorIs(ErrorCode::kIntegrity));
}

TEST(ReaderTest, NumbersHave64Bits) {
  Writer out;
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, UINT64_MAX})
    out.Number(number);
  Reader in(out.bytes);
  EXPECT_EQ(in.Number(), 0u);
  EXPECT_EQ(in.Number(), 127u);
  EXPECT_EQ(in.Number(), 128u);
  EXPECT_EQ(in.Number(), UINT64_MAX);
  EXPECT_TRUE(in.at_end());
  EXPECT_FALSE(in.failed());
  const std::string too_long = std::string(9, '\xFF') + "\x02";
  Reader long_one(too_long);
  long_one.Number();
  EXPECT_TRUE(long_one.failed());
  Reader narrow("\x80\x80\x04");
  narrow.Narrow<std::uint16_t>();
  EXPECT_TRUE(narrow.failed());
}

TEST(ReaderTest, FalseLengthsAllocateNothing) {
  Writer out;
  out.Number(UINT64_MAX);
  Reader text(out.bytes);
  EXPECT_EQ(text.Text(), "");
  EXPECT_TRUE(text.failed());
  Reader list(out.bytes);
  std::vector<std::string> items;
  list.Each(items, [&list] { return list.Text(); });
  EXPECT_TRUE(list.failed());
  EXPECT_THAT(items, SizeIs(1));
}

}  // namespace
}  // namespace xzgate::facts
