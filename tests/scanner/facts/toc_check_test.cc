#include "scanner/facts/toc_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/text.h"
#include "tests/scanner/facts/toc_layer.h"
#include "tests/support/result_matchers.h"

namespace xzgate::facts {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::xzgate::testing::Gzip;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TarBuilder;
using ::xzgate::testing::Zstd;
using ::xzgate::testing::ZstdSkippable;

// The whole layer is incomplete, with this reason.
auto IsIncomplete(const std::string& what) {
  return ElementsAre(
      AllOf(Field(&Incomplete::path, ""), Field(&Incomplete::what, HasSubstr(what))));
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

// Layers as real tools make them (testdata/toc/README.md).
class ToolMadeLayer : public ::testing::TestWithParam<const char*> {
 protected:
  static LayerBlob Load() {
    const char* root = std::getenv("XZGATE_SOURCE_DIR");
    const std::string path = std::string(root == nullptr ? "." : root) +
                             "/tests/scanner/facts/testdata/toc/" + GetParam();
    const auto bytes = ReadFile(path + ".layer", 1 << 20);
    const auto annotations = ReadFile(path + ".annotations", 1 << 20);
    EXPECT_THAT(bytes, IsOk());
    EXPECT_THAT(annotations, IsOk());
    LayerBlob blob(bytes.value_or(""));
    const std::string lines = annotations.value_or("");
    for (const std::string_view line : Split(lines, '\n')) {
      const auto equals = line.find('=');
      if (equals == line.npos) continue;
      blob.descriptor.annotations.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return blob;
  }
};

TEST_P(ToolMadeLayer, IsComplete) {
  const LayerBlob blob = Load();
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{4096}, SIZE_MAX}) {
    const auto facts = blob.Read({}, chunk);
    ASSERT_THAT(facts, IsOk());
    EXPECT_THAT(facts->incomplete, IsEmpty());
    EXPECT_EQ(facts->toc.announced, TocKey(blob.descriptor));
    EXPECT_FALSE(facts->toc.announced.empty());
    EXPECT_FALSE(facts->toc.is_incomplete);
    EXPECT_GE(facts->entries.count(), 15U);
  }
}

TEST_P(ToolMadeLayer, IsIncompleteWhenAnyDigestOfATableIsAnother) {
  for (std::size_t i = 0; i < Load().descriptor.annotations.size(); ++i) {
    LayerBlob blob = Load();
    std::string& value = blob.descriptor.annotations[i].second;
    if (!value.starts_with("sha256:")) continue;
    value.back() = value.back() == '0' ? '1' : '0';
    EXPECT_THAT(blob.Read()->incomplete, IsIncomplete("is announced and not in the layer"));
  }
}

INSTANTIATE_TEST_SUITE_P(Tools, ToolMadeLayer,
                         ::testing::Values("stargz-snapshotter-0.16.3-estargz",
                                           "stargz-snapshotter-0.16.3-zstdchunked",
                                           "containers-storage-1.57.2-zstdchunked",
                                           "skopeo-1.9.3-zstdchunked"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                           return name;
                         });

// Tables that say the same in another way.
struct SameCase {
  const char* name;
  std::string from;
  std::string to;
};
class SameTable : public ::testing::TestWithParam<SameCase> {};

TEST_P(SameTable, IsComplete) {
  const TocArchive archive;
  const std::string table = Replace(archive.Table(), GetParam().from, GetParam().to);
  EXPECT_THAT(archive.Estargz(table).Read()->incomplete, IsEmpty());
  EXPECT_THAT(archive.ZstdChunked(table).Read()->incomplete, IsEmpty());
}

const SameCase kSame[] = {
    {"AsItIs", "", ""},
    {"UnknownMembers", R"({"version":1,)", R"({"x":{"entries":[1]},"y":[[]],"version":1,)"},
    {"OtherSpelling", R"("d/f")", R"("./d//x/../f")"},
    {"WithoutTheFilesDigest", R"("digest":")" + Sha256("content") + R"(",)", ""},
    {"WithoutTheOnlyChunksDigest", R"(,"chunkDigest":")" + Sha256("content") + "\"", ""},
    {"TheLastChunksSizeWritten", R"("chunkOffset":4)", R"("chunkOffset":4,"chunkSize":4)"},
    {"ChunksWithoutNames", R"("name":"big","type":"chunk")", R"("type":"chunk")"},
};
INSTANTIATE_TEST_SUITE_P(Tables, SameTable, ::testing::ValuesIn(kSame),
                         [](const auto& param) { return std::string(param.param.name); });

// What differs, field by field.
struct DifferCase {
  const char* name;
  std::string from;
  std::string to;
  std::string want;
};
class OtherTable : public ::testing::TestWithParam<DifferCase> {};

TEST_P(OtherTable, MakesTheLayerIncomplete) {
  const TocArchive archive;
  const std::string table = Replace(archive.Table(), GetParam().from, GetParam().to);
  for (const LayerBlob& blob : {archive.Estargz(table), archive.ZstdChunked(table)}) {
    const auto facts = blob.Read();
    ASSERT_THAT(facts, IsOk());
    EXPECT_THAT(facts->incomplete, IsIncomplete(GetParam().want));
    EXPECT_TRUE(facts->toc.is_incomplete);
  }
}

const std::string kRow = R"({"name":"d/empty","type":"reg"})";
const DifferCase kDiffer[] = {
    {"Name", R"("d/f")", R"("d/g")", "\"d/g\" stands where the archive has another entry"},
    {"NameOfAWhiteout", ".wh.gone", ".wh.gome", "\"d/gome\" stands where"},
    {"NoWhiteout", ".wh.gone", "gone", "\"d/gone\" has another type"},
    {"Type", R"("d/empty","type":"reg")", R"("d/empty","type":"dir")", "\"d/empty\" has another"},
    {"UnknownType", R"("d/empty","type":"reg")", R"("d/empty","type":"?")", "unknown type \"?\""},
    {"NoType", R"("d/empty","type":"reg")", R"("d/empty")", "unknown type \"\""},
    {"Size", R"("size":7)", R"("size":6)", "\"d/f\" has another"},
    {"SizeOfAnEmptyFile", R"("d/empty","type":"reg")",
     R"("d/empty","type":"reg","size":1,"digest":")" + Sha256("x") + "\"",
     "\"d/empty\" has another"},
    {"BothDigests", Sha256("content") + R"(","chunkDigest":")" + Sha256("content"),
     Sha256("other") + R"(","chunkDigest":")" + Sha256("other"), "\"d/f\" has another"},
    {"Digest", R"("digest":")" + Sha256("content"), R"("digest":")" + Sha256("other"),
     "two digests of \"d/f\""},
    {"OnlyChunksDigest", R"("chunkDigest":")" + Sha256("content"),
     R"("chunkDigest":")" + Sha256("other"), "two digests of \"d/f\""},
    {"NoDigest", R"(,"digest":")" + Sha256("aaaabbbb") + "\"", "", "no SHA-256 of \"big\""},
    {"DigestOfAnotherKind", "sha256", "sha384", "no SHA-256 of \"d/f\""},
    {"ChunkDigest", Sha256("bbbb"), Sha256("bbbc"), "the chunks of \"big\" are not the parts"},
    {"FirstChunkDigest", Sha256("aaaa"), Sha256("aaab"), "the chunks of \"big\" are not the parts"},
    {"OneChunkWithoutDigest", R"(,"chunkDigest":")" + Sha256("bbbb") + "\"", "",
     "the chunks of \"big\" are not the parts"},
    {"ChunkBorder", R"("chunkSize":4,)", R"("chunkSize":5,)", "do not make up the file"},
    {"ChunkGap", R"("chunkOffset":4)", R"("chunkOffset":5)", "do not make up the file"},
    {"ChunkTooLong", R"("chunkOffset":4)", R"("chunkOffset":4,"chunkSize":5)",
     "do not make up the file"},
    {"ChunkTooShort", R"("chunkOffset":4)", R"("chunkOffset":4,"chunkSize":3)",
     "do not make up the file"},
    {"ChunkOfAnotherFile", R"("name":"big","type":"chunk")", R"("name":"b","type":"chunk")",
     "a chunk of \"b\" follows \"big\""},
    {"ChunkOfNoFile", kRow, R"({"name":"d/empty","type":"chunk"})", "belongs to no file"},
    {"SymlinkTarget", R"("linkName":"f")", R"("linkName":"g")", "\"d/s\" has another"},
    {"SymlinkTargetCleaned", R"("linkName":"f")", R"("linkName":"./f")", "\"d/s\" has another"},
    {"HardLinkTarget", R"("linkName":"./d/f")", R"("linkName":"d/empty")", "\"d/h\" has another"},
    {"EntryMissing", kRow + ",", "", "\"big\" stands where the archive has another entry"},
    {"EntryTwice", kRow, kRow + "," + kRow, "\"d/empty\" stands where"},
    {"FirstEntriesMissing", R"({"name":"d/","type":"dir")", R"({"name":"e/","type":"dir")",
     "\"e\" stands where"},
    {"EntryMore", "]}", R"(,{"name":"more","type":"dir"}]})", "\"more\" is not in the archive"},
    {"NoEntries", R"({"version":1,"entries":)", R"({"version":1,"entries":[],"others":)",
     "7 entries fewer than the archive"},
    {"EntriesMissing", R"("entries")", R"("others")", "cannot be read: $: entries: missing"},
    {"DuplicateKey", R"("size":7)", R"("size":7,"size":7)", "duplicate key"},
    {"DuplicateEntries", "]}", R"(],"entries":[]})", "duplicate key"},
    {"BytesBehind", "]}", "]}{}", "cannot be read"},
    {"CutShort", "]}", "]", "cannot be read"},
};
INSTANTIATE_TEST_SUITE_P(Tables, OtherTable, ::testing::ValuesIn(kDiffer),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(TocCheckTest, AnEntryBehindTheTableIsADifference) {
  const TocArchive archive;
  const std::string table = archive.Table();
  LayerBlob blob(
      Gzip(archive.bytes +
           TarBuilder().AddFile("stargz.index.json", table).AddFile("more", "").Finish()));
  blob.descriptor.annotations = {{kStargzAnnotation, Sha256(table)}};
  // One member: the chunks of "big" are not its parts either.
  EXPECT_THAT(blob.Read()->incomplete, IsIncomplete("differs from the archive"));
  LayerBlob dirs(Gzip(TarBuilder()
                          .AddFile("stargz.index.json", R"({"entries":[]})")
                          .AddDirectory("more")
                          .Finish()));
  dirs.descriptor.annotations = {{kStargzAnnotation, Sha256(R"({"entries":[]})")}};
  EXPECT_THAT(dirs.Read()->incomplete, IsIncomplete("entries follow that it does not name"));
}

TEST(TocCheckTest, OnlyTheAnnouncedTableCounts) {
  const std::string other = R"({"entries":[{"name":"x","type":"dir"}]})";
  const std::string table = R"({"entries":[{"name":"stargz.index.json","type":"reg","size":)" +
                            std::to_string(other.size()) + R"(,"digest":")" + Sha256(other) +
                            R"("}]})";
  LayerBlob blob(Gzip(TarBuilder()
                          .AddFile("stargz.index.json", other)
                          .AddFile("stargz.index.json", table)
                          .Finish()));
  blob.descriptor.annotations = {{kStargzAnnotation, Sha256(table)}};
  EXPECT_THAT(blob.Read()->incomplete, IsEmpty());
  blob.descriptor.annotations = {{kStargzAnnotation, Sha256(other)}};
  EXPECT_THAT(blob.Read()->incomplete, IsIncomplete("\"x\" is not in the archive"));
}

TEST(TocCheckTest, WhatLiesBehindTheEndIsInNoTable) {
  const std::string table = R"({"entries":[{"name":"d","type":"dir"}]})";
  const std::string packed = Zstd(table);
  LayerBlob blob(
      Zstd(TarBuilder().AddDirectory("d").Finish() + TarBuilder().AddFile("behind", "x").Finish()) +
      ZstdSkippable(packed));
  blob.descriptor.annotations = {{kChunkedAnnotation, Sha256(packed)}};
  EXPECT_THAT(blob.Read()->incomplete, IsEmpty());
}

TEST(TocCheckTest, AnElfFileNamedLikeATableIsRead) {
  LayerBlob blob(TarBuilder().AddFile("stargz.index.json", BadElf()).Finish());
  blob.descriptor.annotations = {{kStargzAnnotation, Sha256("x")}};
  const auto facts = blob.Read();
  ASSERT_EQ(facts->elf_files.size(), 1U);
  EXPECT_THAT(facts->elf_files[0].patterns, ElementsAre("marker"));
}

TEST(TocCheckTest, ADigestThatIsNoSha256IsNeverFound) {
  const TocArchive archive;
  for (const std::string& value :
       {std::string(), std::string("x"), Sha256(archive.Table()) + "0",
        oci::Digest::Of(AsBytes(archive.Table()), crypto::Algorithm::kSha512).ToString()}) {
    LayerBlob blob = archive.Estargz(archive.Table());
    blob.descriptor.annotations[0].second = value;
    EXPECT_THAT(blob.Read()->incomplete, IsIncomplete("is announced and not in the layer"));
  }
}

TEST(TocCheckTest, EveryAnnouncedTableMustBeThere) {
  const TocArchive archive;
  LayerBlob blob = archive.ZstdChunked(archive.Table());
  blob.descriptor.annotations.emplace_back(kStargzAnnotation, Sha256(archive.Table()));
  EXPECT_THAT(blob.Read()->incomplete, IsEmpty());
  blob.descriptor.annotations.back().second = Sha256("another");
  EXPECT_THAT(blob.Read()->incomplete, IsIncomplete("is announced and not in the layer"));
}

TEST(TocCheckTest, ATableThatIsNotAnnouncedIsNoted) {
  const TocArchive archive;
  LayerBlob blob = archive.Estargz("no table");
  blob.descriptor.annotations.clear();
  const auto facts = blob.Read();
  EXPECT_THAT(facts->incomplete, IsEmpty());
  EXPECT_THAT(facts->notes, ElementsAre(Field(&Note::path, "stargz.index.json")));
  EXPECT_EQ(facts->toc, TocFact{});
}

TEST(TocCheckTest, FramesThatMayBeTablesAreBounded) {
  const TocArchive archive;
  const std::string frame = ZstdSkippable("not a table at all");
  for (const std::size_t before : {TocCheck::kMaxTables - 1, TocCheck::kMaxTables}) {
    LayerBlob blob = archive.ZstdChunked(archive.Table());
    std::string front;
    for (std::size_t i = 0; i < before; ++i) front += frame;
    LayerBlob longer(front + blob.bytes);
    longer.descriptor.annotations = blob.descriptor.annotations;
    EXPECT_EQ(longer.Read()->incomplete.empty(), before < TocCheck::kMaxTables) << before;
  }
}

// Each frame unpacks to a tenth of what all may: a hundred cost no more than ten.
TEST(TocCheckTest, WhatFramesUnpackToIsBounded) {
  const TocArchive archive;
  const std::string zeros(TocCheck::kMaxTableBytes / 10, ' ');
  const std::string frame = ZstdSkippable(Zstd(zeros));
  LayerBlob blob = archive.ZstdChunked(archive.Table());
  for (const std::size_t before : {std::size_t{9}, std::size_t{100}}) {
    std::string front;
    for (std::size_t i = 0; i < before; ++i) front += frame;
    LayerBlob longer(front + blob.bytes);
    longer.descriptor.annotations = blob.descriptor.annotations;
    EXPECT_EQ(longer.Read()->incomplete.empty(), before == 9) << before;
  }
}

// A layer of as many entries as a ledger holds, and of one more, with the right table.
TEST(TocCheckTest, EntriesAreBounded) {
  TocCheck check({{TocAnnouncement::Of::kJson, Sha256(R"({"entries":[]})")}});
  const layer::Entry entry{.type = layer::EntryType::kDirectory, .path = "d", .target = {}};
  for (std::size_t i = 0; i < TocLedger::kMaxEntries; ++i) check.AddOther(entry);
  MemorySource table(R"({"entries":[]})");
  EXPECT_THAT(check.ReadTable(entry, 0, "", table), IsOk());
  EXPECT_THAT(check.Finish(), HasSubstr("1000000 entries fewer than the archive"));
  check.AddOther(entry);
  EXPECT_THAT(check.Finish(), HasSubstr("was not compared: more than 1000000 entries"));
}

// Stored facts.

oci::Descriptor With(std::vector<std::pair<std::string, std::string>> annotations) {
  LayerBlob blob("");
  blob.descriptor.annotations = std::move(annotations);
  return blob.descriptor;
}

TEST(TocAnnouncementTest, StoredFactsAnswerForWhatTheyCompared) {
  const TocArchive archive;
  const LayerBlob good = archive.Estargz(archive.Table());
  const LayerFacts compared = *good.Read();
  EXPECT_TRUE(AnswersFor(compared, good.descriptor));
  EXPECT_TRUE(AnswersFor(compared, With({})));
  EXPECT_TRUE(AnswersFor(compared, With({{"org.example", "x"}})));
  EXPECT_FALSE(AnswersFor(compared, With({{kStargzAnnotation, Sha256("another")}})));
  EXPECT_FALSE(AnswersFor(compared, With({{kChunkedAnnotation, Sha256(archive.Table())}})));
}

TEST(TocAnnouncementTest, FactsWithoutAComparisonAnswerForNoAnnouncement) {
  const LayerFacts plain = *LayerBlob(TarBuilder().Finish()).Read();
  EXPECT_TRUE(AnswersFor(plain, With({})));
  EXPECT_FALSE(AnswersFor(plain, With({{kStargzAnnotation, Sha256("x")}})));
}

// Else an image with a false announcement would make the layer unreadable for all others.
TEST(TocAnnouncementTest, ADifferenceCountsOnlyWhereItWasAnnounced) {
  LayerBlob blob(TarBuilder().AddFile("a", "text").Finish());
  blob.descriptor.annotations = {{kStargzAnnotation, Sha256("x")}};
  const LayerFacts facts = *blob.Read();
  EXPECT_TRUE(facts.toc.is_incomplete);
  EXPECT_TRUE(AnswersFor(facts, blob.descriptor));
  EXPECT_FALSE(AnswersFor(facts, With({})));
}

}  // namespace
}  // namespace xzgate::facts
