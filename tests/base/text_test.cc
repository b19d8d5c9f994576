#include "base/text.h"

#include <set>

namespace xzgate {
namespace {

struct EscapeCase {
  std::string name;
  std::string text;
  std::string want;
};

class EscapeTable : public ::testing::TestWithParam<EscapeCase> {};

TEST_P(EscapeTable, IsSafeToShow) {
  EXPECT_EQ(Escape(GetParam().text), GetParam().want);
  EXPECT_EQ(Quote(GetParam().text), '"' + GetParam().want + '"');
}

INSTANTIATE_TEST_SUITE_P(
    Texts, EscapeTable,
    ::testing::Values(
        EscapeCase{"Empty", "", ""}, EscapeCase{"Plain", "reg.example/a:1", "reg.example/a:1"},
        EscapeCase{"Umlaut", "grün", "grün"}, EscapeCase{"FourBytes", "\U0001F512", "\U0001F512"},
        EscapeCase{"NewLine", "a\nb", "a\\x0ab"},
        EscapeCase{"TerminalEscape", "\x1b[2J", "\\x1b[2J"}, EscapeCase{"Delete", "\x7f", "\\x7f"},
        EscapeCase{"Zero", std::string(1, '\0'), "\\x00"},
        EscapeCase{"QuoteAndBackslash", "\"\\", "\\x22\\x5c"},
        EscapeCase{"BackslashInside", "github\\.com\\x2g", "github\\.com\\x2g"},
        EscapeCase{"BackslashThatLooksLikeAnEscape", "\\x5c\\xAF", "\\x5cx5c\\x5cxAF"},
        EscapeCase{"BackslashBeforeAnEscape", "\\\n\\\"", "\\\\x0a\\\\x22"},
        EscapeCase{"BackslashesAtTheEnd", "a\\\\", "a\\\\x5c"},
        EscapeCase{"EightBitControl",
                   "\xC2\x9B"
                   "31m",
                   "\\xc2\\x9b31m"},
        EscapeCase{"RightToLeftOverride", "\u202Egnp", "\\xe2\\x80\\xaegnp"},
        EscapeCase{"LeftToRightMark", "a\u200Eb", "a\\xe2\\x80\\x8eb"},
        EscapeCase{"RightToLeftMark", "a\u200Fb", "a\\xe2\\x80\\x8fb"},
        EscapeCase{"ArabicLetterMark", "a\u061Cb", "a\\xd8\\x9cb"},
        EscapeCase{"BesideTheMarks", "\u061B\u061D\u200A\u2010", "\u061B\u061D\u200A\u2010"},
        EscapeCase{"ZeroWidthSpace", "a\u200Bb", "a\\xe2\\x80\\x8bb"},
        EscapeCase{"ZeroWidthJoiner", "a\u200Db", "a\\xe2\\x80\\x8db"},
        EscapeCase{"WordJoiner", "a\u2060b", "a\\xe2\\x81\\xa0b"},
        EscapeCase{"ByteOrderMark", "a\uFEFFb", "a\\xef\\xbb\\xbfb"},
        EscapeCase{"LineSeparator", "a\u2028b", "a\\xe2\\x80\\xa8b"},
        EscapeCase{"LoneContinuation", "\x80", "\\x80"},
        EscapeCase{"CutSequence", "\xE2\x82", "\\xe2\\x82"},
        EscapeCase{"OverlongSlash", "\xC0\xAF", "\\xc0\\xaf"},
        EscapeCase{"Surrogate", "\xED\xA0\x80", "\\xed\\xa0\\x80"}),
    [](const auto& each) { return each.param.name; });

TEST(EscapeTest, CutsAtTheLimitAndSaysSo) {
  EXPECT_EQ(Escape("abcd", 4), "abcd");
  EXPECT_EQ(Escape("abcde", 4), "abcd…");
  EXPECT_EQ(Quote("abcde", 4), "\"abcd…\"");
}

// Whoever reads an escaped text knows what it was: no two texts look the same.
TEST(EscapeTest, LosesNothing) {
  const std::string_view kParts[] = {"\\", "x", "5c", "22", "\"", "\n", "0a", "\xff"};
  std::set<std::string> texts;
  std::set<std::string> shown;
  for (const auto a : kParts) {
    for (const auto b : kParts) {
      for (const auto c : kParts) {
        for (const auto d : kParts) {
          std::string text;
          for (const auto part : {a, b, c, d}) text += part;
          shown.insert(Escape(text));
          texts.insert(std::move(text));
        }
      }
    }
  }
  EXPECT_EQ(shown.size(), texts.size());
}

// A message that quotes foreign text is shown as it was made; what nobody escaped is.
TEST(EscapeOnceTest, LeavesWhatWasEscapedAlone) {
  const std::string message = "want a field, found " + Quote("a\x1b[2J\"b");
  EXPECT_EQ(EscapeOnce(message), message);
  EXPECT_EQ(EscapeOnce("grün \U0001F512"), "grün \U0001F512");
  EXPECT_EQ(EscapeOnce(""), "");
  EXPECT_EQ(EscapeOnce("abcdef", 5), "ab…");
  EXPECT_EQ(EscapeOnce("\"a\"\x1b[2J"), Escape("\"a\"\x1b[2J"));
  EXPECT_EQ(EscapeOnce("a\nb"), "a\\x0ab");
  EXPECT_EQ(EscapeOnce("\u202Egnp"), Escape("\u202Egnp"));
  EXPECT_EQ(EscapeOnce("\xff"), "\\xff");
}

struct Utf8Case {
  std::string name;
  std::string text;
  bool valid;
};

class Utf8Table : public ::testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8Table, IsJudgedAsRfc3629) {
  EXPECT_EQ(IsValidUtf8(GetParam().text), GetParam().valid);
}

INSTANTIATE_TEST_SUITE_P(Texts, Utf8Table,
                         ::testing::Values(Utf8Case{"Empty", "", true},
                                           Utf8Case{"Ascii", "a", true},
                                           Utf8Case{"TwoBytes", "\xC2\x80", true},
                                           Utf8Case{"ThreeBytes", "\xE0\xA0\x80", true},
                                           Utf8Case{"LastBeforeSurrogates", "\xED\x9F\xBF", true},
                                           Utf8Case{"FirstAfterSurrogates", "\xEE\x80\x80", true},
                                           Utf8Case{"Last", "\xF4\x8F\xBF\xBF", true},
                                           Utf8Case{"BeyondLast", "\xF4\x90\x80\x80", false},
                                           Utf8Case{"FiveBytes", "\xF8\x88\x80\x80\x80", false},
                                           Utf8Case{"Overlong2", "\xC1\xBF", false},
                                           Utf8Case{"Overlong3", "\xE0\x9F\xBF", false},
                                           Utf8Case{"Overlong4", "\xF0\x8F\xBF\xBF", false},
                                           Utf8Case{"FirstSurrogate", "\xED\xA0\x80", false},
                                           Utf8Case{"LoneContinuation", "a\xBF", false},
                                           Utf8Case{"Cut", "\xF0\x9F\x94", false},
                                           Utf8Case{"BadThird", "\xE2\x82\x28", false},
                                           Utf8Case{"Byte0xFF", "\xFF", false}),
                         [](const auto& each) { return each.param.name; });

TEST(TruncateTest, KeepsTheLimitAndWholeCharacters) {
  EXPECT_EQ(Truncate("abcde", 5), "abcde");
  EXPECT_EQ(Truncate("abcdef", 5), "ab…");
  EXPECT_EQ(Truncate("aüüüüü", 6), "aü…");
  EXPECT_EQ(Truncate("aüüüüü", 7), "aü…");
  EXPECT_EQ(Truncate("abcdef", 3), "…");
  EXPECT_EQ(Truncate("abcdef", 2), "");
  for (std::size_t limit = 0; limit < 20; ++limit) {
    const std::string cut = Truncate("grüße 🔒🔒🔒", limit);
    EXPECT_LE(cut.size(), std::max<std::size_t>(limit, 0));
    EXPECT_TRUE(IsValidUtf8(cut)) << limit;
  }
}

TEST(SplitTest, GivesEveryPieceAlsoEmptyOnes) {
  EXPECT_THAT(Split("a,b", ','), ::testing::ElementsAre("a", "b"));
  EXPECT_THAT(Split("", ','), ::testing::ElementsAre(""));
  EXPECT_THAT(Split(",a,", ','), ::testing::ElementsAre("", "a", ""));
}

TEST(TrimTest, TakesSpacesAndTabsOnly) {
  EXPECT_EQ(Trim(" \ta b\t "), "a b");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_EQ(Trim("\na\n"), "\na\n");
}

TEST(CaseTest, IsAsciiOnly) {
  EXPECT_EQ(ToLower("AZaz09@[`{"), "azaz09@[`{");
  EXPECT_EQ(ToLower("Ü"), "Ü");
  EXPECT_TRUE(EqualsIgnoreCase("Bearer", "bEARER"));
  EXPECT_FALSE(EqualsIgnoreCase("Bearer", "Bearer "));
  EXPECT_FALSE(EqualsIgnoreCase("[", "{"));
}

TEST(JoinTest, PutsTheSeparatorBetween) {
  EXPECT_EQ(Join({}, ", "), "");
  EXPECT_EQ(Join({"a"}, ", "), "a");
  EXPECT_EQ(Join({"a", "b", ""}, ", "), "a, b, ");
}

TEST(ParseUintTest, AcceptsWholeDecimalsIn64Bits) {
  EXPECT_EQ(ParseUint("0"), 0U);
  EXPECT_EQ(ParseUint("007"), 7U);
  EXPECT_EQ(ParseUint("18446744073709551615"), UINT64_MAX);
}

TEST(ParseUintTest, RejectsEverythingElse) {
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "-0", "0x10", "1.0", "1e3", "a",
                           "18446744073709551616", "99999999999999999999999", "1_000", "١"}) {
    EXPECT_EQ(ParseUint(text), std::nullopt) << text;
  }
}

struct GlobCase {
  std::string name;
  std::string pattern;
  std::string text;
  bool matches;
};

class GlobTable : public ::testing::TestWithParam<GlobCase> {};

TEST_P(GlobTable, Decides) {
  EXPECT_EQ(GlobMatches(GetParam().pattern, GetParam().text), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Patterns, GlobTable,
    ::testing::Values(
        GlobCase{"Empty", "", "", true}, GlobCase{"EmptyPattern", "", "a", false},
        GlobCase{"Same", "a/b", "a/b", true}, GlobCase{"Prefix", "a", "ab", false},
        GlobCase{"Suffix", "b", "ab", false}, GlobCase{"StarNothing", "a*", "a", true},
        GlobCase{"StarSome", "a*d", "abcd", true}, GlobCase{"StarStopsAtSlash", "a*", "a/b", false},
        GlobCase{"StarBetween", "a/*/c", "a/b/c", true},
        GlobCase{"StarOneLevel", "a/*/c", "a/b/b/c", false},
        GlobCase{"DeepCrossesSlash", "a/**", "a/b/c", true},
        GlobCase{"DeepNothing", "a/**", "a/", true}, GlobCase{"DeepNeedsSlash", "a/**", "a", false},
        GlobCase{"DeepMiddle", "**/c", "a/b/c", true}, GlobCase{"DeepAlone", "**", "a/b", true},
        GlobCase{"Question", "v?", "v1", true}, GlobCase{"QuestionNeedsOne", "v?", "v", false},
        GlobCase{"QuestionNoSlash", "a?b", "a/b", false},
        GlobCase{"Backtrack", "*ab*ab", "xabyabab", true}, GlobCase{"CaseMatters", "A", "a", false},
        GlobCase{"BracketsAreLiteral", "[a]", "a", false},
        GlobCase{"ThreeStars", "a***c", "a/b/c", true}),
    [](const auto& each) { return each.param.name; });

// A backtracking matcher would need 2^30 steps here.
TEST(GlobTest, HostilePatternIsCheap) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace xzgate
