#include "scanner/layer/entry_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/scanner/layer/walk.h"
#include "tests/support/result_matchers.h"

namespace xzgate::layer {
namespace {

using ::testing::ElementsAreArray;
using testing::ErrorIs;
using testing::File;
using ::testing::IsEmpty;
using testing::IsOk;

EntryLog LogOf(const std::vector<Entry>& entries) {
  EntryLog log;
  for (const Entry& entry : entries) log.Append(entry);
  log.Finish();
  return log;
}

Result<std::vector<Entry>> EntriesIn(const EntryLog& log) {
  std::vector<Entry> entries;
  XZGATE_RETURN_IF_ERROR(log.ForEach([&entries](const Entry& entry) {
    entries.push_back(entry);
    return true;
  }));
  return entries;
}

const std::vector<Entry> kSample = {testing::Directory("usr/lib"),
                                    File("usr/lib/a.so"),
                                    testing::Symlink("usr/lib/b.so", "a.so"),
                                    testing::HardLink("z", "usr/lib/a.so"),
                                    testing::Other("dev/null"),
                                    testing::Whiteout("etc/x"),
                                    testing::Opaque(""),
                                    File(""),
                                    {EntryType::kFile, "x", "owner"},
                                    File("caf\xC3\xA9\n")};

TEST(EntryLog, GivesBackWhatWasAppended) {
  const EntryLog log = LogOf(kSample);
  EXPECT_EQ(log.count(), kSample.size());
  EXPECT_FALSE(log.is_truncated());
  EXPECT_THAT(EntriesIn(log).value(), ElementsAreArray(kSample));
  EXPECT_THAT(EntriesIn(log).value(), ElementsAreArray(kSample));  // as often as one likes
}

TEST(EntryLog, LivesOnInItsBytes) {
  const EntryLog log = LogOf(kSample);
  EXPECT_THAT(EntriesIn(EntryLog::FromBytes(log.bytes(), log.count())).value(),
              ElementsAreArray(kSample));
}

TEST(EntryLog, EmptyLogHasNoBytes) {
  const EntryLog log = LogOf({});
  EXPECT_EQ(log.bytes(), "");
  EXPECT_THAT(EntriesIn(log).value(), IsEmpty());
  EXPECT_THAT(EntriesIn(EntryLog::FromBytes("", 0)).value(), IsEmpty());
}

TEST(EntryLog, StopsWhenTheVisitorSaysSo) {
  int visits = 0;
  EXPECT_THAT(LogOf(kSample).ForEach([&visits](const Entry&) { return ++visits < 2; }), IsOk());
  EXPECT_EQ(visits, 2);
}

TEST(EntryLog, HoldsManyEntriesInFewBytes) {
  std::vector<Entry> entries;
  for (int i = 0; i < 50'000; ++i) {
    entries.push_back(File("usr/share/doc/package-" + std::to_string(i / 7) + "/file-" +
                           std::to_string(i % 7) + ".gz"));
  }
  const EntryLog log = LogOf(entries);
  EXPECT_LT(log.bytes().size() / entries.size(), 8u);
  EXPECT_EQ(EntriesIn(log).value(), entries);
}

TEST(EntryLog, MovesWithItsContent) {
  EntryLog log = LogOf(kSample);
  const EntryLog moved = std::move(log);
  EXPECT_EQ(EntriesIn(moved).value().size(), kSample.size());
}

TEST(EntryLog, RefusesBytesThatAreCutAnywhere) {
  const EntryLog log = LogOf(kSample);
  for (std::size_t size = 0; size < log.bytes().size(); ++size) {
    EXPECT_THAT(EntriesIn(EntryLog::FromBytes(log.bytes().substr(0, size), log.count())),
                ErrorIs(ErrorCode::kIntegrity))
        << size;
  }
}

TEST(EntryLog, RefusesFlippedBits) {
  const EntryLog log = LogOf(kSample);
  for (std::size_t at = 0; at < log.bytes().size(); ++at) {
    std::string damaged = log.bytes();
    damaged[at] ^= 4;
    const auto entries = EntriesIn(EntryLog::FromBytes(damaged, log.count()));
    if (entries) {  // a bit of the frame's header that means nothing
      EXPECT_EQ(*entries, kSample) << at;
    } else {
      EXPECT_THAT(entries, ErrorIs(ErrorCode::kIntegrity)) << at;
    }
  }
}

TEST(EntryLog, RefusesAWrongCount) {
  const EntryLog log = LogOf(kSample);
  EXPECT_THAT(EntriesIn(EntryLog::FromBytes(log.bytes(), log.count() + 1)),
              ErrorIs(ErrorCode::kIntegrity, "fewer"));
  EXPECT_THAT(EntriesIn(EntryLog::FromBytes(log.bytes(), log.count() - 1)),
              ErrorIs(ErrorCode::kIntegrity, "more"));
}

TEST(EntryLog, TextLimitHoldsOnBothSides) {
  EXPECT_THAT(EntriesIn(LogOf({File(std::string(EntryLog::kMaxTextBytes, 'a'))})), IsOk());
  const EntryLog log =
      LogOf({File("a"), File(std::string(EntryLog::kMaxTextBytes + 1, 'a')), File("b")});
  EXPECT_TRUE(log.is_truncated());
  EXPECT_EQ(log.count(), 3u);
  EXPECT_THAT(EntriesIn(log), ErrorIs(ErrorCode::kResourceExhausted));
  EXPECT_THAT(EntriesIn(EntryLog::FromBytes(log.bytes(), log.count())),
              ErrorIs(ErrorCode::kIntegrity));
}

// Names that do not compress: what the log holds is bounded, and it never passes for whole.
TEST(EntryLog, BytesAreBounded) {
  std::mt19937_64 random(1);
  EntryLog log;
  std::string name(32 * 1024, '\0');
  for (std::size_t sum = 0; sum < EntryLog::kMaxBytes + 16 * name.size(); sum += name.size()) {
    for (char& c : name) c = static_cast<char>(random());
    log.Append(File(name));
  }
  log.Finish();
  EXPECT_TRUE(log.is_truncated());
  EXPECT_LT(log.bytes().size(), EntryLog::kMaxBytes + 256 * 1024);
  EXPECT_THAT(log.ForEach([](const Entry&) { return true; }),
              ErrorIs(ErrorCode::kResourceExhausted));
}

}  // namespace
}  // namespace xzgate::layer
