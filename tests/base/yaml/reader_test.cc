#include "base/yaml/document.h"

namespace xzgate::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReaderTest : public ::testing::Test {
 protected:
  std::vector<Node> Read(std::string_view text, const Limits& limits = {}) {
    return ReadDocuments(text, "policy.yaml", limits, problems_);
  }

  // The one document, which must be without a problem.
  Node ReadOne(std::string_view text) {
    std::vector<Node> documents = Read(text);
    EXPECT_THAT(problems_.list(), IsEmpty());
    EXPECT_THAT(documents, SizeIs(1));
    return documents.at(0);
  }

  Problems problems_;
};

TEST_F(ReaderTest, GivesScalarsListsAndMappingsInFileOrder) {
  const Node root = ReadOne("b: [x, 'y']\na:\n  - k: v\n  - ~\n");
  ASSERT_TRUE(root.IsMapping());
  ASSERT_THAT(root.members(), SizeIs(2));
  EXPECT_EQ(root.members()[0].first, "b");
  EXPECT_EQ(root.members()[0].second.items().at(1).scalar(), "y");
  EXPECT_TRUE(root.Find("a")->IsSequence());
  EXPECT_EQ(root.Find("a")->items().at(0).Find("k")->scalar(), "v");
  EXPECT_TRUE(root.Find("a")->items().at(1).IsNull());
  EXPECT_EQ(root.Find("c"), nullptr);
}

TEST_F(ReaderTest, KnowsWhatStandsInQuotes) {
  const Node root = ReadOne("a: true\nb: 'true'\nc: \"true\"\nd: |\n  true\ne: 'null'\nf: null\n");
  EXPECT_TRUE(root.Find("a")->IsPlain());
  for (const char* key : {"b", "c", "d", "e"}) {
    EXPECT_TRUE(root.Find(key)->IsScalar()) << key;
    EXPECT_FALSE(root.Find(key)->IsPlain()) << key;
  }
  EXPECT_TRUE(root.Find("f")->IsNull());
  EXPECT_FALSE(root.Find("f")->IsPlain());
}

TEST_F(ReaderTest, AScalarIsTheTextAsWritten) {
  const Node root = ReadOne("version: 5.60\nanswer: no\nzero: 0123\n");
  EXPECT_EQ(root.Find("version")->scalar(), "5.60");
  EXPECT_EQ(root.Find("answer")->scalar(), "no");
  EXPECT_EQ(root.Find("zero")->scalar(), "0123");
}

TEST_F(ReaderTest, NodesKnowTheirPlace) {
  const Node root = ReadOne("spec:\n  rules:\n    - mode: warn\n      a.b/c: 1\n");
  EXPECT_EQ(root.Where(), "policy.yaml:1:1");
  const Node& rule = root.Find("spec")->Find("rules")->items().at(0);
  EXPECT_EQ(rule.Find("mode")->Where(), "policy.yaml:3:13: spec.rules[0].mode");
  EXPECT_EQ(rule.Find("mode")->WhereKey(), "policy.yaml:3:7: spec.rules[0].mode");
  EXPECT_EQ(rule.Find("a.b/c")->Where(), "policy.yaml:4:14: spec.rules[0][\"a.b/c\"]");
  EXPECT_EQ(rule.WhereKey(), "policy.yaml:3:7: spec.rules[0]");
}

TEST_F(ReaderTest, ReadsSeveralDocumentsAndSkipsEmptyOnes) {
  const auto documents = Read("# only a comment\n---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n");
  EXPECT_THAT(problems_.list(), IsEmpty());
  ASSERT_THAT(documents, SizeIs(2));
  EXPECT_NE(documents[0].Find("a"), nullptr);
  EXPECT_EQ(documents[1].Find("b")->Where(), "policy.yaml:8:4: b");
}

TEST_F(ReaderTest, NothingIsNoDocumentAndNoProblem) {
  for (const char* text : {"", "\n", "# comment\n", "---\n", "~\n"}) {
    EXPECT_THAT(Read(text), IsEmpty()) << text;
  }
  EXPECT_THAT(problems_.list(), IsEmpty());
}

TEST_F(ReaderTest, ACopyOutlivesTheDocument) {
  Node copy = *ReadOne("a: {b: c}\n").Find("a");
  EXPECT_EQ(copy.Find("b")->scalar(), "c");
}

struct RejectCase {
  std::string name;
  std::string text;
  std::vector<std::string> problems;
};

class ReaderRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ReaderRejects, WithPlaceAndReason) {
  Problems problems;
  (void)ReadDocuments(GetParam().text, "f", {}, problems);
  EXPECT_EQ(problems.list(), GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ReaderRejects,
    ::testing::Values(
        RejectCase{
            "DuplicateKey", "a: 1\nb: 2\na: 3\n", {"f:3:1: duplicate key \"a\", first in line 1"}},
        RejectCase{"DuplicateKeyInQuotes",
                   "a: 1\n'a': 3\n",
                   {"f:2:1: duplicate key \"a\", first in line 1"}},
        RejectCase{"DuplicateKeyDeep",
                   "s:\n  - {k: 1, k: 2}\n",
                   {"f:2:12: s[0]: duplicate key \"k\", first in line 2"}},
        RejectCase{"Anchor", "a: &x 1\n", {"f:1:4: a: anchors (&name) are not supported"}},
        RejectCase{
            "AnchorOnMapping", "a: &x\n  b: 1\n", {"f:1:4: a: anchors (&name) are not supported"}},
        RejectCase{"Alias",
                   "a: &x 1\nb: *x\n",
                   {"f:1:4: a: anchors (&name) are not supported",
                    "f:2:4: b: aliases (*name) are not supported; write the value out"}},
        RejectCase{"Loop",
                   "a: &x {b: *x}\n",
                   {"f:1:4: a: anchors (&name) are not supported",
                    "f:1:11: a.b: aliases (*name) are not supported; write the value out"}},
        RejectCase{
            "MergeKey", "a:\n  <<: {b: 1}\n", {"f:2:3: a: merge keys (<<) are not supported"}},
        RejectCase{
            "Tag",
            "a: !!python/object:os.system x\n",
            {"f:1:4: a: tag \"tag:yaml.org,2002:python/object:os.system\" is not supported"}},
        RejectCase{"LocalTag", "a: !secret x\n", {"f:1:4: a: tag \"!secret\" is not supported"}},
        RejectCase{"MappingAsKey", "? {a: 1}\n: 2\n", {"f:1:3: want text as a key"}},
        RejectCase{"NothingAsKey", "~: 2\n", {"f:1:1: want text as a key"}},
        RejectCase{"Control", "a: \x01\n", {"f: control byte \"\\x01\" at offset 3"}},
        RejectCase{"HiddenAfterEndMark",
                   "a: 1\n\x04"
                   "b: 2\n",
                   {"f: control byte \"\\x04\" at offset 5"}},
        RejectCase{"Zero", std::string("a: 1\n\0", 6), {"f: control byte \"\\x00\" at offset 5"}},
        RejectCase{"InvalidUtf8", "a: \xFF\n", {"f: not valid UTF-8"}},
        RejectCase{"Utf16",
                   "\xFF\xFE"
                   "a",
                   {"f: not valid UTF-8"}}),
    [](const auto& each) { return each.param.name; });

TEST_F(ReaderTest, SaysThatATabIsNoIndentation) {
  (void)Read("a:\n\tb: 1\n");
  EXPECT_THAT(problems_.ToError().message(),
              HasSubstr("policy.yaml:2:3: the line begins with a tab: want spaces"));
}

TEST_F(ReaderTest, ReportsAllProblemsOfAFileInOneGo) {
  const auto documents = Read("a: &x 1\na: 2\nb: !t 3\n---\nc: *x\n");
  EXPECT_THAT(problems_.list(), SizeIs(::testing::Ge(3U)));
  EXPECT_THAT(problems_.ToError().message(),
              HasSubstr("\npolicy.yaml:2:1: duplicate key \"a\", first in line 1\n"));
  EXPECT_EQ(problems_.ToError().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(documents.at(0).Find("a")->scalar(), "1");
}

TEST_F(ReaderTest, ASyntaxErrorHasItsPlaceAndKeepsEarlierDocuments) {
  const auto documents = Read("a: 1\n---\nb: [1, 2\nc: 3\n");
  EXPECT_THAT(documents, SizeIs(1));
  ASSERT_THAT(problems_.list(), SizeIs(1));
  EXPECT_THAT(problems_.list()[0], ::testing::StartsWith("policy.yaml:4:"));
}

TEST_F(ReaderTest, BytesAreBounded) {
  EXPECT_THAT(Read("a: 1", {.max_bytes = 4}), SizeIs(1));
  EXPECT_THAT(problems_.list(), IsEmpty());
  EXPECT_THAT(Read("a: 12", {.max_bytes = 4}), IsEmpty());
  EXPECT_THAT(problems_.list(), ElementsAre("policy.yaml: more than 4 bytes"));
}

TEST_F(ReaderTest, NodesAreBoundedOverAllDocuments) {
  const std::string text = "[1, 2]\n---\n[3]\n";  // five nodes
  EXPECT_THAT(Read(text, {.max_nodes = 5}), SizeIs(2));
  EXPECT_THAT(problems_.list(), IsEmpty());
  EXPECT_THAT(Read(text, {.max_nodes = 4}), SizeIs(1));
  EXPECT_THAT(problems_.list(), ElementsAre("policy.yaml:3:2: [0]: more than 4 nodes"));
}

TEST_F(ReaderTest, DepthIsBounded) {
  EXPECT_THAT(Read("a: {b: [1]}", {.max_depth = 3}), SizeIs(1));
  EXPECT_THAT(problems_.list(), IsEmpty());
  EXPECT_THAT(Read("a: {b: [1]}", {.max_depth = 2}), IsEmpty());
  EXPECT_THAT(problems_.list(), ElementsAre("policy.yaml:1:8: a.b: more than 2 levels deep"));
}

TEST_F(ReaderTest, DepthThatWouldOverflowAStackIsOneProblem) {
  EXPECT_THAT(Read(std::string(100'000, '[')), IsEmpty());
  EXPECT_THAT(problems_.list(), SizeIs(1));
}

TEST_F(ReaderTest, AnAliasBombIsRefusedWithoutWalkingIt) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text +=
        'a' + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  (void)Read(text);
  EXPECT_THAT(problems_.list(), SizeIs(20 + 2 * 19));
}

TEST_F(ReaderTest, LongNamesDoNotBlowUpPaths) {
  std::string text = "? " + std::string(100'000, 'n') + "\n:\n";
  for (int i = 0; i < 1000; ++i) text += "  k" + std::to_string(i) + ": 1\n";
  const Node root = ReadOne(text);
  EXPECT_LT(root.members().at(0).second.Find("k999")->Where().size(), 100U);
}

}  // namespace
}  // namespace xzgate::yaml
