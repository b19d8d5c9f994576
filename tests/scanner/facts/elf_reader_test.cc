#include "scanner/facts/elf_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "base/crypto/digest.h"
#include "scanner/facts/elf_format.h"
#include "tests/support/elf_builder.h"

namespace xzgate::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::xzgate::testing::BuildElf;
using ::xzgate::testing::ElfSpec;

const std::string kMarker = "\xF3\x0F\x1E\xFAtest marker of a pattern";
const std::string kReturn42 = std::string("\xB8\x2A\0\0\0\xC3", 6);  // mov eax, 42; ret

Probes TestProbes() {
  return {.patterns = {{.name = "marker", .bytes = kMarker, .machine = 62}},
          .symbols = {"watched_version", "watched_crc"}};
}

ElfReading Read(const std::string& bytes, const ElfLimits& limits = {},
                std::size_t piece = SIZE_MAX) {
  const Probes probes = TestProbes();
  ElfExtractor extractor("some/file", probes, limits);
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    extractor.Feed(AsBytes(std::string_view(bytes).substr(at, piece)));
  }
  return extractor.Finish();
}

std::vector<std::string> PatternsOf(const std::string& bytes) {
  return Read(bytes).file.patterns;
}

ElfSpec Library() {
  return {.symbols = {{.name = "imported"},
                      {.name = "watched_version", .body = kReturn42},
                      {.name = "watched_crc", .body = "resolver", .type = 10},
                      {.name = "other", .body = "\xC3"}},
          .soname = "libtest.so.5",
          .build_id = "\x01\x02\x03\xAB"};
}

ElfSymbol Version(std::optional<std::uint32_t> constant = 42) {
  return {"watched_version", false, constant};
}
ElfSymbol Crc() {
  return {"watched_crc", true, std::nullopt};
}

// A window so small that a file of some pages does not fit.
constexpr ElfLimits kSmall = {.head_bytes = 4096, .piece_bytes = 65536, .max_symbol_bytes = 32768};

TEST(ElfExtractorTest, ReadsALibrary) {
  const std::string bytes = BuildElf(Library());
  const ElfReading reading = Read(bytes);
  EXPECT_EQ(reading.file.path, "some/file");
  EXPECT_EQ(reading.file.size, bytes.size());
  EXPECT_EQ(reading.file.sha256, crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(bytes)));
  EXPECT_TRUE(reading.file.is_64bit);
  EXPECT_FALSE(reading.file.is_big_endian);
  EXPECT_EQ(reading.file.machine, 62);
  EXPECT_EQ(reading.file.type, 3);
  EXPECT_EQ(reading.file.soname, "libtest.so.5");
  EXPECT_EQ(reading.file.build_id, "010203ab");
  EXPECT_THAT(reading.file.symbols, UnorderedElementsAre(Version(), Crc()));
  EXPECT_THAT(reading.file.patterns, IsEmpty());
  EXPECT_THAT(reading.incomplete, IsEmpty());
}

struct LayoutCase {
  const char* name;
  bool is_64bit;
  bool is_big_endian;
  std::uint16_t machine;
  ElfSpec::Hash hash;
  bool has_sections;
  std::string body;
};
class ElfLayoutTest : public ::testing::TestWithParam<LayoutCase> {};

TEST_P(ElfLayoutTest, IsReadWithoutCasts) {
  const LayoutCase& layout = GetParam();
  ElfSpec spec = Library();
  spec.is_64bit = layout.is_64bit;
  spec.is_big_endian = layout.is_big_endian;
  spec.machine = layout.machine;
  spec.hash = layout.hash;
  spec.has_sections = layout.has_sections;
  spec.symbols[1].body = layout.body;
  const bool can_decode = layout.machine == 62 || layout.machine == 3 || layout.machine == 183;
  const ElfFile file = Read(BuildElf(spec)).file;
  EXPECT_EQ(file.is_64bit, layout.is_64bit);
  EXPECT_EQ(file.is_big_endian, layout.is_big_endian);
  EXPECT_EQ(file.machine, layout.machine);
  EXPECT_EQ(file.soname, "libtest.so.5");
  EXPECT_EQ(file.build_id, "010203ab");
  EXPECT_THAT(file.symbols,
              UnorderedElementsAre(
                  Version(can_decode ? std::optional<std::uint32_t>(42) : std::nullopt), Crc()));
}

const std::string kAarch64Return42 = "\x40\x05\x80\x52\xC0\x03\x5F\xD6";
const LayoutCase kLayouts[] = {
    {"X8664GnuHash", true, false, 62, ElfSpec::Hash::kGnu, true, kReturn42},
    {"X8664Hash", true, false, 62, ElfSpec::Hash::kSysv, true, kReturn42},
    {"X8664NoHash", true, false, 62, ElfSpec::Hash::kNone, true, kReturn42},
    {"X8664NoSections", true, false, 62, ElfSpec::Hash::kGnu, false, kReturn42},
    {"X32", false, false, 62, ElfSpec::Hash::kGnu, true, kReturn42},
    {"I386", false, false, 3, ElfSpec::Hash::kSysv, false, kReturn42},
    {"Aarch64", true, false, 183, ElfSpec::Hash::kGnu, true, kAarch64Return42},
    {"Aarch64BigEndian", true, true, 183, ElfSpec::Hash::kGnu, true, kAarch64Return42},
    {"Riscv64", true, false, 243, ElfSpec::Hash::kGnu, true, "any code"},
    {"Mips32BigEndian", false, true, 8, ElfSpec::Hash::kSysv, true, "any code"},
    {"Ppc64BigEndian", true, true, 21, ElfSpec::Hash::kGnu, false, "any code"},
};
INSTANTIATE_TEST_SUITE_P(Layouts, ElfLayoutTest, ::testing::ValuesIn(kLayouts),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ElfExtractorTest, LeavesOutUndefinedAndLocalSymbols) {
  ElfSpec spec = {
      .symbols = {{.name = "watched_version"}, {.name = "watched_crc", .body = "x", .binding = 0}}};
  EXPECT_THAT(Read(BuildElf(spec)).file.symbols, IsEmpty());
}

TEST(ElfExtractorTest, TakesOnlyWholeNames) {
  ElfSpec spec = {.symbols = {{.name = "watched_versions", .body = "x"},
                              {.name = "my_watched_version", .body = "x"}}};
  EXPECT_THAT(Read(BuildElf(spec)).file.symbols, IsEmpty());
}

TEST(ElfExtractorTest, APatternInCodeIsAHit) {
  EXPECT_THAT(PatternsOf(BuildElf({.code = "before" + kMarker + "after"})), ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(BuildElf({.type = 2, .code = kMarker})), ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(BuildElf({.type = 1, .code = kMarker})), ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(BuildElf({.code = kMarker, .has_sections = false})),
              ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(BuildElf({.code = kMarker, .has_dynamic = false})), ElementsAre("marker"));
}

TEST(ElfExtractorTest, APatternInDataIsNoHit) {
  EXPECT_THAT(PatternsOf(BuildElf({.data = kMarker})), IsEmpty());
  EXPECT_THAT(PatternsOf(BuildElf({.data = kMarker, .has_sections = false})), IsEmpty());
  EXPECT_THAT(PatternsOf(BuildElf({.type = 1, .data = kMarker})), IsEmpty());
  EXPECT_THAT(PatternsOf(BuildElf({}) + kMarker), IsEmpty());
}

// `code` at a page of its own, in an executable segment that the header says ends after `size`
// bytes of it.
std::string WithSegmentCutTo(const std::string& code, std::uint16_t size) {
  std::string bytes = BuildElf({.code = code, .has_sections = false});
  const std::size_t file_size_of_second = 64 + 56 + 32;
  bytes[file_size_of_second] = static_cast<char>(size & 0xFF);
  bytes[file_size_of_second + 1] = static_cast<char>(size >> 8);
  return bytes;
}

TEST(ElfExtractorTest, ASegmentsPagesCountWhole) {
  EXPECT_THAT(PatternsOf(WithSegmentCutTo(kMarker, 1)), ElementsAre("marker"));
  const std::string last(4096 - kMarker.size(), 'x');
  EXPECT_THAT(PatternsOf(WithSegmentCutTo(last + kMarker, 1)), ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(WithSegmentCutTo(last + "x" + kMarker, 4096)), IsEmpty());
  EXPECT_THAT(PatternsOf(WithSegmentCutTo(last + "x" + kMarker, 4097)), ElementsAre("marker"));
}

// arm64 scanners carry patterns as data in a segment that their linker made executable.
TEST(ElfExtractorTest, AnotherMachinesFileIsNoHitOutsideOfCodeSections) {
  EXPECT_THAT(PatternsOf(BuildElf({.machine = 183, .code = kMarker, .has_sections = false})),
              IsEmpty());
  EXPECT_THAT(PatternsOf(BuildElf({.machine = 183, .data = kMarker})), IsEmpty());
  EXPECT_THAT(PatternsOf(BuildElf({.machine = 183, .code = kMarker})), ElementsAre("marker"));
}

TEST(ElfExtractorTest, AFileThatIsNoElfBehindTheMagicIsSearchedWhole) {
  const std::string magic =
      "\x7F"
      "ELF";
  EXPECT_THAT(PatternsOf(magic + std::string(60, '\0') + kMarker), ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(magic + kMarker), ElementsAre("marker"));
  EXPECT_THAT(PatternsOf(magic), IsEmpty());
  const ElfReading reading = Read(magic);
  EXPECT_EQ(reading.file.size, 4u);
  EXPECT_THAT(reading.incomplete, IsEmpty());
}

// `bytes` with the byte at `at` changed to each value that is asked for: all, or those one bit away
// and the extremes.
template <typename Check>
void ChangeByte(std::string bytes, std::size_t at, bool all, Check check) {
  const char old = bytes[at];
  for (int value = 0; value < 256; ++value) {
    const int bits = std::popcount(static_cast<unsigned>((value ^ old) & 0xFF));
    if (!all && bits != 1 && value != 0 && value != 255) continue;
    bytes[at] = static_cast<char>(value);
    ASSERT_NO_FATAL_FAILURE(check(bytes)) << "byte " << at << " = " << value;
  }
}

void ExpectHit(const std::string& bytes) {
  ASSERT_THAT(Read(bytes, {.head_bytes = 65536}).file.patterns, ElementsAre("marker"));
}

// No byte of the file header or of the program headers, changed to anything, hides the pattern.
TEST(ElfExtractorTest, NoSingleByteOfTheHeadersHidesAPattern) {
  ElfSpec spec = Library();
  spec.code = kMarker;
  for (const std::uint16_t type : {kEtRel, kEtExec, kEtDyn}) {
    spec.type = type;
    const std::string whole = BuildElf(spec);
    const std::size_t end = type == kEtRel ? 64 : 64 + 5 * 56;
    for (std::size_t at = 4; at < end; ++at) ChangeByte(whole, at, at < 64, ExpectHit);
  }
}

// The same without section headers, where a header that names another machine is believed.
TEST(ElfExtractorTest, NoSingleByteOfTheFileHeaderHidesAPatternWithoutSections) {
  ElfSpec spec = Library();
  spec.code = kMarker;
  spec.has_sections = false;
  const std::string whole = BuildElf(spec);
  for (std::size_t at = 4; at < 64; ++at) {
    const bool is_machine = at == 18 || at == 19;
    if (!is_machine) ChangeByte(whole, at, true, ExpectHit);
  }
}

TEST(ElfExtractorTest, TooManyOccurrencesInDataAreIncomplete) {
  std::string data;
  for (std::size_t i = 0; i <= 4096; ++i) data += kMarker;
  const ElfReading reading = Read(BuildElf({.data = data}));
  EXPECT_THAT(reading.file.patterns, IsEmpty());
  EXPECT_EQ(reading.incomplete.size(), 1u);
}

// Beyond the window.

TEST(ElfExtractorTest, FindsSymbolsWhenTheDynamicArrayIsFar) {
  ElfSpec spec = Library();
  spec.pad_dynamic = 100'000;
  spec.symbols[0].name = "a_name";
  const ElfReading reading = Read(BuildElf(spec), {.head_bytes = 12'000, .piece_bytes = 65536});
  EXPECT_THAT(reading.file.symbols, UnorderedElementsAre(Version(), Crc()));
  EXPECT_EQ(reading.file.soname, "libtest.so.5");
  EXPECT_THAT(reading.incomplete, IsEmpty());
}

TEST(ElfExtractorTest, FindsNamesThatPatchelfMovedToTheEnd) {
  ElfSpec spec = Library();
  spec.strings_at_end = true;
  spec.pad_dynamic = 10'000;
  spec.pad_strings = 20'000;
  const ElfReading reading = Read(BuildElf(spec), {.head_bytes = 12'000, .piece_bytes = 65536});
  EXPECT_THAT(reading.file.symbols, UnorderedElementsAre(Version(), Crc()));
  EXPECT_EQ(reading.file.soname, "libtest.so.5");
  EXPECT_THAT(reading.incomplete, IsEmpty());
}

TEST(ElfExtractorTest, FindsProgramHeadersAtTheEnd) {
  ElfSpec spec = Library();
  spec.phdrs_at_end = true;
  spec.code = kMarker;
  spec.pad_dynamic = 100'000;
  const ElfReading reading = Read(BuildElf(spec), {.head_bytes = 12'000, .piece_bytes = 65536});
  EXPECT_THAT(reading.file.patterns, ElementsAre("marker"));
  spec.code = "code";
  spec.data = kMarker;
  EXPECT_THAT(Read(BuildElf(spec), {.head_bytes = 12'000, .piece_bytes = 65536}).file.patterns,
              IsEmpty());
}

TEST(ElfExtractorTest, ASymbolTableThatPassedIsIncompleteIfANamePassedToo) {
  ElfSpec spec = Library();
  spec.pad_symbols = 20'000;
  const ElfReading reading = Read(BuildElf(spec), kSmall);
  EXPECT_THAT(reading.file.symbols, IsEmpty());
  EXPECT_THAT(reading.incomplete,
              ElementsAre(Incomplete{"some/file", "elf symbols beyond 16 MiB"}));

  spec.symbols = {{.name = "unwatched", .body = "x"}};
  EXPECT_THAT(Read(BuildElf(spec), kSmall).incomplete, IsEmpty());
}

TEST(ElfExtractorTest, ABodyThatPassedIsIncomplete) {
  ElfSpec spec = Library();
  spec.pad_code = 20'000;
  const ElfReading reading = Read(BuildElf(spec), kSmall);
  EXPECT_THAT(reading.file.symbols, UnorderedElementsAre(Version(std::nullopt), Crc()));
  EXPECT_THAT(reading.incomplete,
              ElementsAre(Incomplete{"some/file", "elf symbols beyond 16 MiB"}));
}

TEST(ElfExtractorTest, AStaticProgramBeyondTheWindowIsComplete) {
  ElfSpec spec = Library();
  spec.type = 2;
  spec.has_dynamic = false;
  spec.pad_code = 20'000;
  EXPECT_THAT(Read(BuildElf(spec), kSmall).incomplete, IsEmpty());
}

TEST(ElfExtractorTest, PatternsAreFoundAtAnyDistance) {
  EXPECT_THAT(Read(BuildElf({.code = kMarker, .pad_code = 300'000}), kSmall).file.patterns,
              ElementsAre("marker"));
  EXPECT_THAT(Read(BuildElf({.type = 1, .code = std::string(300'000, 'x') + kMarker}), kSmall)
                  .file.patterns,
              ElementsAre("marker"));
}

TEST(ElfExtractorTest, DoesNotDependOnPieces) {
  ElfSpec spec = Library();
  spec.code = kMarker;
  spec.strings_at_end = true;
  spec.pad_dynamic = 9'000;
  const std::string bytes = BuildElf(spec);
  const ElfReading whole = Read(bytes, kSmall);
  for (const std::size_t piece :
       std::initializer_list<std::size_t>{1, 7, 511, 4095, 4096, 4097, 10'000}) {
    const ElfReading pieces = Read(bytes, kSmall, piece);
    EXPECT_EQ(pieces.file, whole.file) << piece;
    EXPECT_EQ(pieces.incomplete, whole.incomplete) << piece;
  }
}

TEST(ElfExtractorTest, CountsThatLieCostNothing) {
  ElfSpec spec = Library();
  spec.hash = ElfSpec::Hash::kSysv;
  std::string bytes = BuildElf(spec);
  const std::string head = std::string("\1\0\0\0\5\0\0\0\1\0\0\0", 12);
  const std::size_t at = bytes.find(head);
  ASSERT_NE(at, bytes.npos);
  bytes.replace(at + 4, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_THAT(Read(bytes).file.symbols, UnorderedElementsAre(Version(), Crc()));
  EXPECT_THAT(Read(bytes).incomplete, IsEmpty());
}

TEST(ElfExtractorTest, DefinitionsBeyondTheLimitAreIncomplete) {
  ElfSpec spec;
  for (int i = 0; i < 65; ++i)
    spec.symbols.push_back({.name = "watched_version", .body = kReturn42});
  EXPECT_THAT(Read(BuildElf(spec)).incomplete,
              ElementsAre(Incomplete{"some/file", "elf symbols beyond 16 MiB"}));
  spec.symbols.pop_back();
  EXPECT_THAT(Read(BuildElf(spec)).incomplete, IsEmpty());
}

}  // namespace
}  // namespace xzgate::facts
