#include "base/yaml/document.h"

namespace xzgate::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MappingTest : public ::testing::Test {
 protected:
  // Reads `text` as one mapping, lets `read` take its fields, and gives what was found wrong.
  std::vector<std::string> Read(std::string_view text, const std::function<void(Mapping&)>& read) {
    Problems problems;
    const std::vector<Node> documents = ReadDocuments(text, "f", {}, problems);
    EXPECT_EQ(documents.size(), 1U) << text;
    Mapping mapping(documents.at(0), problems);
    read(mapping);
    mapping.Finish();
    return problems.list();
  }
};

#ifndef NDEBUG
TEST(MappingDeathTest, MustBeFinishedUnlessItIsRefusedAnyhow) {
  Problems problems;
  const std::vector<Node> documents = ReadDocuments("a: 1", "f", {}, problems);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_DEATH(Mapping(documents[0], problems), "finished_");
  documents[0].Complain(problems, "wrong kind");
  const Mapping refused(documents[0], problems);
}
#endif

TEST_F(MappingTest, ReadsEveryKindOfField) {
  std::string name;
  std::string note = "none";
  bool flag = false;
  std::int64_t count = 0;
  std::vector<std::string> list;
  std::int64_t ms = 0;
  std::uint64_t bytes = 0;
  std::size_t mode = 9;
  EXPECT_THAT(Read("name: x\nnote: ''\nflag: true\ncount: -3\nlist: [a, 'b', 3]\n"
                   "wait: 2s\nsize: 64KiB\nmode: warn\n",
                   [&](Mapping& m) {
                     m.Required("name", name);
                     m.Optional("note", note);
                     m.Optional("flag", flag);
                     m.Optional("count", count, -5, 5);
                     m.Optional("list", list);
                     m.OptionalDuration("wait", ms, 1, 60'000);
                     m.OptionalBytes("size", bytes, 1, 1 << 20);
                     m.OptionalWord("mode", {"enforce", "warn"}, mode);
                   }),
              IsEmpty());
  EXPECT_EQ(name, "x");
  EXPECT_EQ(note, "");
  EXPECT_TRUE(flag);
  EXPECT_EQ(count, -3);
  EXPECT_THAT(list, ElementsAre("a", "b", "3"));
  EXPECT_EQ(ms, 2000);
  EXPECT_EQ(bytes, 64U << 10);
  EXPECT_EQ(mode, 1U);
}

TEST_F(MappingTest, LeavesDefaultsAloneWhenKeysAreMissing) {
  std::string note = "kept";
  bool flag = true;
  std::int64_t count = 4;
  std::vector<std::string> list{"kept"};
  std::size_t mode = 1;
  EXPECT_THAT(Read("{}",
                   [&](Mapping& m) {
                     m.Optional("note", note);
                     m.Optional("flag", flag);
                     m.Optional("count", count, 0, 9);
                     m.Optional("list", list);
                     m.OptionalWord("mode", {"a"}, mode);
                     m.Section("section", [](Mapping&) { FAIL(); });
                     m.Each("entries", [](Mapping&) { FAIL(); });
                     EXPECT_EQ(m.Take("raw"), nullptr);
                   }),
              IsEmpty());
  EXPECT_EQ(note, "kept");
  EXPECT_TRUE(flag);
  EXPECT_EQ(count, 4);
  EXPECT_THAT(list, ElementsAre("kept"));
  EXPECT_EQ(mode, 1U);
}

TEST_F(MappingTest, SaysWhichRequiredKeysAreMissing) {
  std::string a;
  EXPECT_THAT(Read("s: {}\n",
                   [&a](Mapping& m) {
                     m.Section("s", [&a](Mapping& s) {
                       s.Required("a", a);
                       s.Take("b", true);
                     });
                   }),
              ElementsAre("f:1:4: s: key \"a\" is missing", "f:1:4: s: key \"b\" is missing"));
}

// One field `k` read as one type, and what must be said of a wrong value.
struct WrongCase {
  std::string name;
  std::string text;
  std::function<void(Mapping&)> read;
  std::string problem;
};

void ReadRequired(Mapping& m) {
  std::string out;
  m.Required("k", out);
}
void ReadText(Mapping& m) {
  std::string out;
  m.Optional("k", out);
}
void ReadBool(Mapping& m) {
  bool out = false;
  m.Optional("k", out);
}
void ReadInt(Mapping& m) {
  std::int64_t out = 77;
  m.Optional("k", out, 1, 10);
  EXPECT_EQ(out, 77);
}
void ReadList(Mapping& m) {
  std::vector<std::string> out;
  m.Optional("k", out);
}
void ReadDuration(Mapping& m) {
  std::int64_t out = 77;
  m.OptionalDuration("k", out, 100, 3'600'000);
  EXPECT_EQ(out, 77);
}
void ReadBytes(Mapping& m) {
  std::uint64_t out = 77;
  m.OptionalBytes("k", out, 1024, 1 << 30);
  EXPECT_EQ(out, 77U);
}
void ReadWord(Mapping& m) {
  std::size_t out = 77;
  m.OptionalWord("k", {"enforce", "warn", "audit"}, out);
  EXPECT_EQ(out, 77U);
}
void ReadSection(Mapping& m) {
  m.Section("k", [](Mapping&) { FAIL(); });
}
void ReadEach(Mapping& m) {
  m.Each("k", [](Mapping&) { FAIL(); });
}

class MappingRejects : public ::testing::TestWithParam<WrongCase> {};

TEST_P(MappingRejects, SaysWhatWasWantedAndWhatCame) {
  Problems problems;
  const std::vector<Node> documents = ReadDocuments(GetParam().text, "f", {}, problems);
  ASSERT_EQ(documents.size(), 1U);
  Mapping mapping(documents[0], problems);
  GetParam().read(mapping);
  mapping.Finish();
  EXPECT_THAT(problems.list(), ElementsAre(GetParam().problem));
}

constexpr char kInt[] = "f:1:4: k: want a whole number from 1 to 10, found ";
constexpr char kDuration[] =
    "f:1:4: k: want a duration (a whole number with ms, s, m, h or d) from 100ms to 1h, found ";
constexpr char kSize[] =
    "f:1:4: k: want a size (bytes, or a whole number with KiB, MiB or GiB) from 1KiB to 1GiB, "
    "found ";

INSTANTIATE_TEST_SUITE_P(
    Fields, MappingRejects,
    ::testing::Values(
        WrongCase{"RequiredNothing", "k: ~", ReadRequired,
                  "f:1:4: k: want text that is not empty, found nothing"},
        WrongCase{"RequiredEmpty", "k: ''", ReadRequired,
                  "f:1:4: k: want text that is not empty, found text \"\""},
        WrongCase{"TextList", "k: []", ReadText, "f:1:4: k: want text, found a list"},
        WrongCase{"TextMapping", "k: {}", ReadText, "f:1:4: k: want text, found a mapping"},
        WrongCase{"BoolYes", "k: yes", ReadBool, "f:1:4: k: want true or false, found \"yes\""},
        WrongCase{"BoolCapital", "k: True", ReadBool,
                  "f:1:4: k: want true or false, found \"True\""},
        WrongCase{"BoolInQuotes", "k: 'true'", ReadBool,
                  "f:1:4: k: want true or false, found text \"true\""},
        WrongCase{"IntText", "k: x", ReadInt, kInt + std::string("\"x\"")},
        WrongCase{"IntInQuotes", "k: '5'", ReadInt, kInt + std::string("text \"5\"")},
        WrongCase{"IntFraction", "k: 5.0", ReadInt, kInt + std::string("\"5.0\"")},
        WrongCase{"IntBelow", "k: 0", ReadInt, kInt + std::string("\"0\"")},
        WrongCase{"IntAbove", "k: 11", ReadInt, kInt + std::string("\"11\"")},
        WrongCase{"IntOverflow", "k: 99999999999999999999", ReadInt,
                  kInt + std::string("\"99999999999999999999\"")},
        WrongCase{"ListText", "k: a", ReadList, "f:1:4: k: want a list of text, found \"a\""},
        WrongCase{"ListOfList", "k: [a, []]", ReadList, "f:1:8: k[1]: want text, found a list"},
        WrongCase{"DurationBare", "k: 5", ReadDuration, kDuration + std::string("\"5\"")},
        WrongCase{"DurationBelow", "k: 99ms", ReadDuration, kDuration + std::string("\"99ms\"")},
        WrongCase{"DurationAbove", "k: 61m", ReadDuration, kDuration + std::string("\"61m\"")},
        WrongCase{"DurationList", "k: [1s]", ReadDuration, kDuration + std::string("a list")},
        WrongCase{"BytesDecimalUnit", "k: 5MB", ReadBytes, kSize + std::string("\"5MB\"")},
        WrongCase{"BytesBelow", "k: 1023", ReadBytes, kSize + std::string("\"1023\"")},
        WrongCase{"BytesAbove", "k: 2GiB", ReadBytes, kSize + std::string("\"2GiB\"")},
        WrongCase{"Word", "k: deny", ReadWord,
                  "f:1:4: k: want enforce, warn or audit, found \"deny\""},
        WrongCase{"WordNothing", "k:", ReadWord,
                  "f:1:1: k: want enforce, warn or audit, found nothing"},
        WrongCase{"SectionText", "k: x", ReadSection, "f:1:4: k: want a mapping, found \"x\""},
        WrongCase{"EachMapping", "k: {a: 1}", ReadEach,
                  "f:1:4: k: want a list of mappings, found a mapping"},
        WrongCase{"EachOfText", "k: [x]", ReadEach, "f:1:5: k[0]: want a mapping, found \"x\""}),
    [](const auto& each) { return each.param.name; });

TEST_F(MappingTest, BoundsAreInclusive) {
  for (const std::int64_t want : {1, 10}) {
    std::int64_t count = 0;
    EXPECT_THAT(
        Read("k: " + std::to_string(want), [&](Mapping& m) { m.Optional("k", count, 1, 10); }),
        IsEmpty());
    EXPECT_EQ(count, want);
  }
}

TEST_F(MappingTest, UnknownKeysGetAHint) {
  std::string out;
  EXPECT_THAT(Read("moode: x\nMODE: y\nsomething: 1\nim: 2\n",
                   [&out](Mapping& m) {
                     m.Optional("mode", out);
                     m.Optional("images", out);
                   }),
              ElementsAre("f:1:1: moode: unknown key; did you mean \"mode\"?",
                          "f:2:1: MODE: unknown key; did you mean \"mode\"?",
                          "f:3:1: something: unknown key", "f:4:1: im: unknown key"));
}

TEST_F(MappingTest, SectionsAndListsAreFinishedToo) {
  std::string out;
  EXPECT_THAT(Read("s:\n  nmae: 1\nl:\n  - name: a\n  - nam: b\n",
                   [&out](Mapping& m) {
                     m.Section("s", [&out](Mapping& s) { s.Optional("name", out); });
                     m.Each("l", [&out](Mapping& e) { e.Optional("name", out); });
                   }),
              ElementsAre("f:2:3: s.nmae: unknown key; did you mean \"name\"?",
                          "f:5:5: l[1].nam: unknown key; did you mean \"name\"?"));
}

TEST_F(MappingTest, ARootThatIsNoMappingIsOneProblem) {
  std::string out;
  EXPECT_THAT(Read("[a]", [&out](Mapping& m) { m.Required("name", out); }),
              ElementsAre("f:1:1: want a mapping, found a list"));
}

TEST_F(MappingTest, AllProblemsComeInOneGo) {
  std::string name;
  bool flag = false;
  std::int64_t count = 0;
  EXPECT_THAT(Read("flag: maybe\ncount: x\nextra: 1\n",
                   [&](Mapping& m) {
                     m.Required("name", name);
                     m.Optional("flag", flag);
                     m.Optional("count", count, 0, 9);
                   }),
              ::testing::SizeIs(4));
}

}  // namespace
}  // namespace xzgate::yaml
