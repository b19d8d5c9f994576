#include "scanner/facts/read_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/facts/layer_blob.h"
#include "tests/support/result_matchers.h"

namespace xzgate::facts {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::Gzip;
using ::xzgate::testing::GzipMembers;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TarBuilder;
using ::xzgate::testing::Zstd;
using ::xzgate::testing::ZstdFrames;
using ::xzgate::testing::ZstdSkippable;

const std::string kStatus =
    "Package: liblzma5\nStatus: install ok installed\nVersion: 5.6.1-1\nSource: xz-utils\n";

LayerFacts MustRead(const std::string& blob) {
  auto facts = LayerBlob(blob).Read();
  EXPECT_THAT(facts, IsOk());
  return std::move(facts).value();
}

// The paths of files with the marker in their code.
std::vector<std::string> Hits(const LayerFacts& facts) {
  std::vector<std::string> paths;
  for (const ElfFile& file : facts.elf_files) {
    if (!file.patterns.empty()) paths.push_back(file.path);
  }
  return paths;
}

std::vector<std::string> Names(const LayerFacts& facts) {
  std::vector<std::string> names;
  EXPECT_THAT(facts.entries.ForEach([&names](const layer::Entry& entry) {
    names.push_back(entry.path);
    return true;
  }),
              IsOk());
  return names;
}

auto What(const std::string& text) {
  return Field("what", &Note::what, HasSubstr(text));
}
auto Why(const std::string& text) {
  return Field("what", &Incomplete::what, HasSubstr(text));
}

TEST(ReadLayerTest, ReadsEveryKindOfFact) {
  const std::string tar =
      TarBuilder()
          .AddDirectory("usr")
          .AddFile("usr/lib/os-release", "ID=debian\nVERSION_ID=\"13\"\n")
          .AddFile("var/lib/dpkg/status", kStatus)
          .AddFile("var/lib/dpkg/info/liblzma5:amd64.list", "/.\n/usr/lib/liblzma.so.5.6.1\n")
          .AddFile("lib/apk/db/installed", "P:xz-libs\nV:5.6.1-r1\n")
          .AddFile("usr/lib/liblzma.so.5.6.1", GoodElf())
          .AddSymlink("usr/lib/liblzma.so.5", "liblzma.so.5.6.1")
          .AddFile("usr/share/doc/readme", "text")
          .AddWhiteout("etc/old")
          .Finish();
  const LayerBlob blob(Gzip(tar));
  const auto facts = blob.Read();
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->digest, blob.descriptor.digest);
  EXPECT_EQ(facts->compression, "gzip");
  EXPECT_EQ(facts->packed_bytes, blob.bytes.size());
  EXPECT_EQ(facts->unpacked_bytes, tar.size());
  EXPECT_THAT(Names(*facts),
              ElementsAre("usr", "usr/lib/os-release", "var/lib/dpkg/status",
                          "var/lib/dpkg/info/liblzma5:amd64.list", "lib/apk/db/installed",
                          "usr/lib/liblzma.so.5.6.1", "usr/lib/liblzma.so.5",
                          "usr/share/doc/readme", "etc/old"));
  EXPECT_THAT(facts->databases, SizeIs(2));
  EXPECT_EQ(facts->databases[0].packages[0].version, "5.6.1-1");
  EXPECT_EQ(facts->databases[1].packages[0].version, "5.6.1-r1");
  EXPECT_THAT(facts->ownership, SizeIs(2));
  EXPECT_THAT(facts->os_releases, ElementsAre(OsRelease{"usr/lib/os-release", "debian", "13"}));
  ASSERT_THAT(facts->elf_files, SizeIs(1));
  EXPECT_EQ(facts->elf_files[0].path, "usr/lib/liblzma.so.5.6.1");
  EXPECT_EQ(facts->elf_files[0].sha256,
            crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(GoodElf())));
  EXPECT_THAT(facts->elf_files[0].patterns, IsEmpty());
  EXPECT_THAT(facts->incomplete, IsEmpty());
  EXPECT_THAT(facts->notes, IsEmpty());
}

TEST(ReadLayerTest, FindsABadFileUnderAnyName) {
  for (const std::string name :
       {"usr/lib/x86_64-linux-gnu/liblzma.so.5.6.1", "root/liblzma.so.5.6.0.patch", "readme.txt",
        "var/lib/dpkg/status", "../../etc/passwd", "/abs",
        "a/very/deep/"
        "directory/of/directories/x",
        "name with \n and \x01 \xFF"}) {
    const LayerFacts facts = MustRead(
        TarBuilder().AddFile("a", GoodElf()).AddFile(name, BadElf()).AddFile("z", "z").Finish());
    EXPECT_THAT(Hits(facts), SizeIs(1)) << name;
  }
}

struct PackingCase {
  const char* name;
  std::string (*pack)(const std::string& tar);
  const char* compression;
};
class PackingTest : public ::testing::TestWithParam<PackingCase> {};

TEST_P(PackingTest, DoesNotHideABadFile) {
  const std::string tar = TarBuilder()
                              .AddFile("first", "text")
                              .AddFile("bad", BadElf())
                              .AddFile("last", "text")
                              .Finish();
  const LayerBlob blob(GetParam().pack(tar));
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{511}, SIZE_MAX}) {
    const auto facts = blob.Read({}, chunk);
    ASSERT_THAT(facts, IsOk());
    EXPECT_EQ(facts->compression, GetParam().compression);
    EXPECT_THAT(Hits(*facts), ElementsAre("bad"));
    EXPECT_THAT(facts->incomplete, IsEmpty());
  }
}

const PackingCase kPackings[] = {
    {"Plain", [](const std::string& tar) { return tar; }, "none"},
    {"Gzip", [](const std::string& tar) { return Gzip(tar); }, "gzip"},
    {"GzipAllHeaderFields", [](const std::string& tar) { return testing::GzipAllFields(tar); },
     "gzip"},
    {"GzipSecondMember", [](const std::string& tar) { return GzipMembers(tar, {1024}); }, "gzip"},
    {"GzipManyMembers",
     [](const std::string& tar) { return GzipMembers(tar, {0, 1, 1025, 1027, 6000, 6000}); },
     "gzip"},
    {"Zstd", [](const std::string& tar) { return Zstd(tar); }, "zstd"},
    {"ZstdManyFrames", [](const std::string& tar) { return ZstdFrames(tar, {1, 1025, 6000}); },
     "zstd"},
    {"ZstdSkippableFirst", [](const std::string& tar) { return ZstdSkippable("x") + Zstd(tar); },
     "zstd"},
};
INSTANTIATE_TEST_SUITE_P(Packings, PackingTest, ::testing::ValuesIn(kPackings),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(ReadLayerTest, EveryCopyOfAPathCounts) {
  EXPECT_THAT(
      Hits(MustRead(TarBuilder().AddFile("lib", BadElf()).AddFile("lib", GoodElf()).Finish())),
      ElementsAre("lib"));
  EXPECT_THAT(
      Hits(MustRead(TarBuilder().AddFile("lib", GoodElf()).AddFile("lib", BadElf()).Finish())),
      ElementsAre("lib"));
  const LayerFacts facts = MustRead(TarBuilder()
                                        .AddFile("var/lib/dpkg/status", kStatus)
                                        .AddFile("var/lib/dpkg/status", "")
                                        .Finish());
  EXPECT_THAT(facts.databases, SizeIs(2));
}

TEST(ReadLayerTest, MarksWhatLiesBehindTheEnd) {
  const std::string tar =
      TarBuilder().AddFile("a", "text").Finish() +
      TarBuilder().AddFile("bad", BadElf()).AddFile("var/lib/dpkg/status", kStatus).Finish();
  const LayerFacts facts = MustRead(Gzip(tar));
  EXPECT_THAT(Hits(facts), ElementsAre("bad"));
  EXPECT_TRUE(facts.elf_files[0].after_end);
  EXPECT_THAT(Names(facts), ElementsAre("a"));
  EXPECT_THAT(facts.databases, IsEmpty());
  EXPECT_THAT(facts.notes, Contains(AllOf(Field(&Note::path, "bad"), What("behind the end"))));
  EXPECT_THAT(facts.notes, Contains(Field(&Note::path, "var/lib/dpkg/status")));
}

TEST(ReadLayerTest, FindsABadSparseFile) {
  const std::string elf = BadElf();
  const std::string rest = std::to_string(elf.size() - 4096);
  TarBuilder tar;
  tar.AddPax({{"GNU.sparse.size", std::to_string(elf.size() + 8192)},
              {"GNU.sparse.numblocks", "2"},
              {"GNU.sparse.map", "0,4096,4096," + rest}});
  const LayerFacts facts = MustRead(tar.AddFile("sparse", elf).Finish());
  EXPECT_THAT(Hits(facts), ElementsAre("sparse"));
  EXPECT_EQ(facts.elf_files[0].size, elf.size() + 8192);
}

TEST(ReadLayerTest, ADatabaseThatIsAnElfFileIsReadAsBoth) {
  const LayerFacts facts =
      MustRead(TarBuilder().AddFile("lib/apk/db/installed", BadElf()).Finish());
  EXPECT_THAT(Hits(facts), ElementsAre("lib/apk/db/installed"));
  EXPECT_THAT(facts.incomplete, Contains(Field(&Incomplete::path, "lib/apk/db/installed")));
}

TEST(ReadLayerTest, ADatabaseThatIsALinkToElsewhereIsIncomplete) {
  const LayerFacts facts = MustRead(TarBuilder().AddSymlink("var/lib/dpkg", "/opt/dpkg").Finish());
  EXPECT_THAT(facts.incomplete, ElementsAre(AllOf(Field(&Incomplete::path, "var/lib/dpkg"),
                                                  Why("link to \"/opt/dpkg\""))));
}

TEST(ReadLayerTest, DatabasesHaveALimit) {
  const std::string tar = TarBuilder().AddFile("var/lib/dpkg/status", kStatus).Finish();
  EXPECT_THAT(LayerBlob(tar).Read({.max_database_bytes = kStatus.size()})->incomplete, IsEmpty());
  const auto facts = LayerBlob(tar).Read({.max_database_bytes = kStatus.size() - 1});
  EXPECT_THAT(facts->incomplete, ElementsAre(Why("database longer than")));
  EXPECT_THAT(facts->databases, SizeIs(1));
}

TEST(ReadLayerTest, EmptyLayersAreComplete) {
  EXPECT_THAT(MustRead(TarBuilder().Finish()).incomplete, IsEmpty());
  EXPECT_THAT(MustRead(Gzip(TarBuilder().Finish())).incomplete, IsEmpty());
  EXPECT_THAT(MustRead("").incomplete, IsEmpty());
}

// Damage and limits inside: what was read before holds, and it is never complete.

TEST(ReadLayerTest, ATruncatedLayerIsIncomplete) {
  const std::string tar =
      TarBuilder().AddFile("bad", BadElf()).AddFile("later", std::string(5000, 'x')).Finish();
  for (const std::string& whole : {tar, Gzip(tar), Zstd(tar)}) {
    const LayerFacts facts =
        MustRead(whole.substr(0, whole.size() - 3000 * (whole.size() > 9000 ? 1 : 0) - 10));
    EXPECT_THAT(facts.incomplete, SizeIs(1));
  }
  const LayerFacts facts = MustRead(tar.substr(0, tar.size() - 3000));
  EXPECT_THAT(Hits(facts), ElementsAre("bad"));
}

TEST(ReadLayerTest, AFileThatBreaksOffIsNoFact) {
  const std::string elf = BadElf();
  const LayerFacts facts =
      MustRead(TarBuilder().AddFile("bad", elf).bytes().substr(0, 512 + elf.size() - 1));
  EXPECT_THAT(facts.elf_files, IsEmpty());
  EXPECT_THAT(facts.incomplete, SizeIs(1));
}

TEST(ReadLayerTest, OtherCompressionsAndGarbageAreIncomplete) {
  for (const std::string& blob : {std::string("\xFD"
                                              "7zXZ\0 content",
                                              14),
                                  std::string("BZh91AY content"), std::string(2000, 'x'),
                                  std::string("\x1F\x8B\x08\0 broken", 11)}) {
    EXPECT_THAT(MustRead(blob).incomplete, SizeIs(1));
  }
}

// EROFS begins like this: what follows the zeros may be a file system.
TEST(ReadLayerTest, ZerosAndThenSomethingAreNoArchive) {
  const std::string blob = std::string(1024, '\0') + "\xE2\xE1\xF5\xE0" + std::string(3068, 'x');
  for (const std::string& packed : {blob, Gzip(blob), Zstd(blob)}) {
    const LayerFacts facts = MustRead(packed);
    EXPECT_THAT(facts.incomplete,
                ElementsAre(Field(&Incomplete::what, HasSubstr("archive without entries"))));
  }
}

TEST(ReadLayerTest, BombsAreIncomplete) {
  const std::string zeros(3 * 1024 * 1024, '\0');
  const LayerBlob gzip(
      Gzip(TarBuilder().AddFile("zeros", zeros).AddFile("bad", BadElf()).Finish(), 9));
  EXPECT_THAT(gzip.Read({.max_unpacked_bytes = 1024 * 1024})->incomplete, SizeIs(1));
  EXPECT_THAT(gzip.Read({.max_ratio = 100, .ratio_free_bytes = 1024 * 1024})->incomplete,
              SizeIs(1));
  EXPECT_THAT(gzip.Read({.max_ratio = 100})->incomplete, IsEmpty());
  const LayerBlob zstd(Zstd(TarBuilder().AddFile("zeros", zeros).Finish(), 19));
  EXPECT_THAT(zstd.Read({.max_ratio = 100, .ratio_free_bytes = 1024 * 1024})->incomplete,
              SizeIs(1));
}

TEST(ReadLayerTest, EntriesHaveALimit) {
  const LayerBlob blob(TarBuilder().AddFile("a", "").AddFile("b", "").Finish());
  EXPECT_THAT(blob.Read({.max_entries = 2})->incomplete, IsEmpty());
  EXPECT_THAT(blob.Read({.max_entries = 1})->incomplete, SizeIs(1));
}

// What makes all of it unbelievable.

TEST(ReadLayerTest, AnotherDigestIsAnError) {
  for (const std::string& bytes :
       {TarBuilder().AddFile("a", "text").Finish(), std::string(3000, 'x')}) {
    LayerBlob blob(bytes);
    blob.bytes.back() ^= 1;
    EXPECT_THAT(blob.Read(), ErrorIs(ErrorCode::kIntegrity, "has digest"));
  }
}

TEST(ReadLayerTest, AnotherSizeIsAnError) {
  LayerBlob blob(TarBuilder().AddFile("a", "text").Finish());
  ++blob.descriptor.size;
  EXPECT_THAT(blob.Read(), ErrorIs(ErrorCode::kIntegrity, "found 2048"));
  blob.descriptor.size -= 2;
  EXPECT_THAT(blob.Read(), ErrorIs(ErrorCode::kIntegrity, "found more"));
  blob.descriptor.size = 0;
  EXPECT_THAT(blob.Read(), ErrorIs(ErrorCode::kIntegrity, "found more"));
}

TEST(ReadLayerTest, Sha512IsChecked) {
  LayerBlob blob(TarBuilder().AddFile("a", "text").Finish());
  blob.descriptor.digest = oci::Digest::Of(AsBytes(blob.bytes), crypto::Algorithm::kSha512);
  EXPECT_THAT(blob.Read(), IsOk());
  blob.bytes.back() ^= 1;
  EXPECT_THAT(blob.Read(), ErrorIs(ErrorCode::kIntegrity));
}

// Serves its bytes, then fails.
class BrokenSource final : public ByteSource {
 public:
  explicit BrokenSource(std::string bytes) : bytes_(std::move(bytes), 700) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = bytes_.Read(into);
    if (count && *count == 0) return Unavailable("connection lost");
    return count;
  }

 private:
  MemorySource bytes_;
};

TEST(ReadLayerTest, AnErrorOfTheSourceIsPassedOn) {
  const LayerBlob blob(Gzip(TarBuilder().AddFile("bad", BadElf()).Finish()));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100},
                                 blob.bytes.size() - 1, blob.bytes.size()}) {
    BrokenSource source(blob.bytes.substr(0, size));
    EXPECT_THAT(ReadLayer(source, blob.descriptor, TestProbes(), {}),
                ErrorIs(ErrorCode::kUnavailable, "connection lost"))
        << size;
  }
}

// Notes.

struct MediaTypeCase {
  const char* media_type;
  const char* compression;
  bool is_noted;
};
class MediaTypeTest : public ::testing::TestWithParam<MediaTypeCase> {};

TEST_P(MediaTypeTest, IsNeverBelieved) {
  const std::string tar = TarBuilder().AddFile("bad", BadElf()).Finish();
  const std::string compression = GetParam().compression;
  const LayerBlob blob(compression == "gzip"   ? Gzip(tar)
                       : compression == "zstd" ? Zstd(tar)
                                               : tar,
                       GetParam().media_type);
  const auto facts = blob.Read();
  EXPECT_THAT(Hits(*facts), ElementsAre("bad"));
  EXPECT_THAT(facts->incomplete, IsEmpty());
  EXPECT_EQ(!facts->notes.empty(), GetParam().is_noted)
      << GetParam().media_type << " " << compression;
}

const MediaTypeCase kMediaTypes[] = {
    {"application/vnd.oci.image.layer.v1.tar", "none", false},
    {"application/vnd.oci.image.layer.v1.tar", "gzip", true},
    {"application/vnd.oci.image.layer.v1.tar", "zstd", true},
    {"application/vnd.oci.image.layer.v1.tar+gzip", "none", true},
    {"application/vnd.oci.image.layer.v1.tar+gzip", "gzip", false},
    {"application/vnd.oci.image.layer.v1.tar+gzip", "zstd", true},
    {"application/vnd.oci.image.layer.v1.tar+zstd", "none", true},
    {"application/vnd.oci.image.layer.v1.tar+zstd", "gzip", true},
    {"application/vnd.oci.image.layer.v1.tar+zstd", "zstd", false},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip", false},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", "none", true},
    {"application/octet-stream", "gzip", false},
};
INSTANTIATE_TEST_SUITE_P(MediaTypes, MediaTypeTest, ::testing::ValuesIn(kMediaTypes));

TEST(ReadLayerTest, BytesBehindTheContentAreNoted) {
  const std::string tar = TarBuilder().AddFile("bad", BadElf()).Finish();
  for (const std::string& blob : {Gzip(tar) + "garbage", Zstd(tar) + "garbage"}) {
    const LayerFacts facts = MustRead(blob);
    EXPECT_THAT(Hits(facts), ElementsAre("bad"));
    EXPECT_THAT(facts.incomplete, IsEmpty());
    EXPECT_THAT(facts.notes, Contains(What("behind the compressed content")));
  }
}

// igzip and pigz, which containerd calls, drop what follows the last member: an entry there is none
// of the layer's, so that a whiteout in it hides nothing.
TEST(ReadLayerTest, EntriesBehindTheCompressedContentAreBehindTheEnd) {
  const std::string tar = TarBuilder().AddFile("a", "text").bytes();
  const std::string behind = TarBuilder().AddWhiteout("lib/x").AddFile("bad", BadElf()).Finish();
  const LayerFacts facts = MustRead(Gzip(tar) + behind);
  EXPECT_EQ(facts.entries.count(), 1U);
  ASSERT_EQ(facts.elf_files.size(), 1U);
  EXPECT_TRUE(facts.elf_files[0].after_end);
  EXPECT_EQ(facts.unpacked_bytes, tar.size() + behind.size());
}

// The marker stands directly before the bytes that follow the last member: what it already had is
// not cut, and no entry before it is lost, wherever the reads end.
TEST(ReadLayerTest, TheEndMarkerStandsDirectlyBeforeWhatFollows) {
  const std::string marked = TarBuilder().AddFile("a", "text").Finish();
  const std::string behind = TarBuilder().AddFile("bad", BadElf()).Finish();
  for (const std::string& packed : {Gzip(marked), Zstd(marked)}) {
    const LayerBlob blob(packed + behind);
    for (const std::size_t chunk : {std::size_t{1}, packed.size(), packed.size() + 1, SIZE_MAX}) {
      const auto facts = blob.Read({}, chunk);
      ASSERT_THAT(facts, IsOk());
      EXPECT_THAT(Names(*facts), ElementsAre("a"));
      EXPECT_THAT(Hits(*facts), ElementsAre("bad"));
      EXPECT_TRUE(facts->elf_files[0].after_end);
      EXPECT_THAT(facts->incomplete, IsEmpty());
      EXPECT_EQ(facts->unpacked_bytes, marked.size() + behind.size());
    }
  }
}

// A content that ends inside a block, or inside an entry, is filled up before the marker, so that
// what follows cannot take its place.
TEST(ReadLayerTest, TheEndMarkerFillsUpTheLastBlock) {
  const std::string behind = TarBuilder().AddWhiteout("lib/x").Finish();
  const std::string content(100, 'x');
  const std::string cut = TarBuilder().AddFile("a", content).bytes().substr(0, 512 + 100);
  const auto whole = LayerBlob(Gzip(cut) + behind).Read();
  EXPECT_THAT(Names(*whole), ElementsAre("a"));
  EXPECT_THAT(whole->incomplete, IsEmpty());
  EXPECT_THAT(whole->notes, Contains(Field(&Note::path, "lib/x")));
}

TEST(ReadLayerTest, OdditiesAreNoted) {
  TarBuilder tar;
  tar.AddPax({{"size", "4"}});
  tar.AddHeader({.name = "a", .size = 2}).Padded("text");
  EXPECT_THAT(MustRead(tar.Finish()).notes, Contains(Field(&Note::path, "a")));
}

}  // namespace
}  // namespace xzgate::facts
