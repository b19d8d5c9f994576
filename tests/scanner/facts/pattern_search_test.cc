#include "scanner/facts/pattern_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace xzgate::facts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(PatternSearchTest, FindsAtFrontMiddleAndEnd) {
  PatternSearch search({"abc", "x"}, 100);
  search.Feed(AsBytes("abcxabc"));
  EXPECT_THAT(search.hits(0).offsets, ElementsAre(100, 104));
  EXPECT_THAT(search.hits(1).offsets, ElementsAre(103));
}

TEST(PatternSearchTest, FindsOverlappingOccurrences) {
  PatternSearch search({"aa"});
  search.Feed(AsBytes("aaaa"));
  EXPECT_THAT(search.hits(0).offsets, ElementsAre(0, 1, 2));
}

// Every way to cut the text gives the same hits, pieces shorter than the needle included.
TEST(PatternSearchTest, DoesNotDependOnPieces) {
  const std::string text = "..abcdabcdXabcab..abcdabcd";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    PatternSearch search({"abcdabcd", "ab", "c"});
    for (std::size_t at = 0; at < text.size(); at += piece)
      search.Feed(AsBytes(std::string_view(text).substr(at, piece)));
    EXPECT_THAT(search.hits(0).offsets, ElementsAre(2, 18)) << piece;
    EXPECT_THAT(search.hits(1).offsets, ElementsAre(2, 6, 11, 14, 18, 22)) << piece;
    EXPECT_THAT(search.hits(2).offsets, ElementsAre(4, 8, 13, 20, 24)) << piece;
  }
}

TEST(PatternSearchTest, AnEmptyNeedleNeverHits) {
  PatternSearch search({""});
  search.Feed(AsBytes("text"));
  EXPECT_THAT(search.hits(0).offsets, IsEmpty());
}

TEST(PatternSearchTest, KeepsSoManyHitsAndSaysSo) {
  PatternSearch full({"x"});
  full.Feed(AsBytes(std::string(PatternSearch::kMaxHits, 'x')));
  EXPECT_EQ(full.hits(0).offsets.size(), PatternSearch::kMaxHits);
  EXPECT_FALSE(full.hits(0).more);
  PatternSearch over({"x"});
  over.Feed(AsBytes(std::string(PatternSearch::kMaxHits + 1, 'x')));
  EXPECT_EQ(over.hits(0).offsets.size(), PatternSearch::kMaxHits);
  EXPECT_TRUE(over.hits(0).more);
}

}  // namespace
}  // namespace xzgate::facts
