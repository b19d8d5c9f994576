#include "scanner/facts/toc_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::facts {
namespace {

using ::testing::SizeIs;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

Result<std::vector<TocRow>> Read(const std::string& json, std::size_t max_bytes = 1 << 20) {
  std::vector<TocRow> rows;
  MemorySource source(json, 3);
  XZGATE_RETURN_IF_ERROR(
      ReadTocRows(source, max_bytes, [&rows](const TocRow& row) { rows.push_back(row); }));
  return rows;
}

TEST(TocRowsTest, ReadsEveryField) {
  const auto rows = Read(R"({"entries":[{"name":"n","type":"t","linkName":"l","digest":"d",)"
                         R"("chunkDigest":"c","size":1,"chunkOffset":2,"chunkSize":3,"uid":-1,)"
                         R"("mode":1.5,"x":18446744073709551615,"y":[{"size":9}]},)"
                         R"({"name":null,"size":null}],"z":{"entries":3}})");
  ASSERT_THAT(rows, IsOk());
  ASSERT_THAT(*rows, SizeIs(2));
  const TocRow& row = rows->front();
  EXPECT_EQ(row.name, "n");
  EXPECT_EQ(row.type, "t");
  EXPECT_EQ(row.link, "l");
  EXPECT_EQ(row.digest, "d");
  EXPECT_EQ(row.chunk_digest, "c");
  EXPECT_EQ(row.size, 1U);
  EXPECT_EQ(row.chunk_offset, 2U);
  EXPECT_EQ(row.chunk_size, 3U);
  // Nothing of one row stays in the next.
  EXPECT_EQ(rows->back().name, "");
  EXPECT_EQ(rows->back().chunk_size, 0U);
}

TEST(TocRowsTest, NullEntriesAreNone) {
  EXPECT_THAT(*Read(R"({"entries":null})"), SizeIs(0));
}

struct RejectCase {
  const char* name;
  const char* json;
  const char* want;
};
class TocRowsRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(TocRowsRejects, WhatTwoReadersCouldReadInTwoWays) {
  EXPECT_THAT(Read(GetParam().json), ErrorIs(ErrorCode::kInvalidArgument, GetParam().want));
}

const RejectCase kRejected[] = {
    {"Empty", "", "parse error"},
    {"Array", "[]", "want object, found array"},
    {"Text", "\"x\"", "want object, found text"},
    {"Null", "null", "want object, found null"},
    {"NoEntries", "{}", "entries: missing"},
    {"EntriesObject", R"({"entries":{}})", "want array, found object"},
    {"EntriesText", R"({"entries":"x"})", "want array, found text"},
    {"EntriesInAnotherCase", R"({"entries":[],"Entries":[]})", "want it in the case"},
    {"RowArray", R"({"entries":[[]]})", "want object, found array"},
    {"RowNull", R"({"entries":[null]})", "want object, found null"},
    {"RowNumber", R"({"entries":[1]})", "want object, found number"},
    {"KeyInAnotherCase", R"({"entries":[{"Name":"x"}]})", "key \"Name\""},
    {"KeyWithAnotherLetter", "{\"entries\":[{\"lin\xE2\x84\xAAName\":\"x\"}]}",
     "want it in the case"},
    {"KeyTwice", R"({"entries":[{"size":1,"size":2}]})", "duplicate key"},
    {"NameNumber", R"({"entries":[{"name":1}]})", "want text, found number"},
    {"NameObject", R"({"entries":[{"name":{}}]})", "found object"},
    {"NameArray", R"({"entries":[{"name":[]}]})", "found array"},
    {"SizeText", R"({"entries":[{"size":"1"}]})", "want number, found text"},
    {"SizeNegative", R"({"entries":[{"size":-1}]})", "not negative"},
    {"SizeFraction", R"({"entries":[{"size":1.0}]})", "whole number"},
    {"SizeTooLarge", R"({"entries":[{"size":9223372036854775808}]})", "63 bits"},
    {"SizeBool", R"({"entries":[{"size":true}]})", "found bool"},
    {"Behind", R"({"entries":[]}x)", "parse error"},
};
INSTANTIATE_TEST_SUITE_P(Tables, TocRowsRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(TocRowsTest, HasLimits) {
  const std::string table = R"({"entries":[]})";
  EXPECT_THAT(Read(table, table.size()), IsOk());
  EXPECT_THAT(Read(table, table.size() - 1), ErrorIs(ErrorCode::kResourceExhausted));
  const auto deep = [](std::size_t depth) {
    return R"({"entries":[],"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_THAT(Read(deep(7)), IsOk());
  EXPECT_THAT(Read(deep(8)), ErrorIs(ErrorCode::kResourceExhausted, "8 levels"));
  const auto token = [](std::size_t size) {
    return R"({"entries":[],"x":")" + std::string(size, 'x') + "\"}";
  };
  EXPECT_THAT(Read(token(250'000)), IsOk());
  EXPECT_THAT(Read(token(270'000)), ErrorIs(ErrorCode::kResourceExhausted, "text or number"));
  std::string keys = R"({"entries":[],)";
  for (int i = 0; i < 70'000; ++i) keys += "\"" + std::to_string(i) + "\":0,";
  EXPECT_THAT(Read(keys + "\"x\":0}"), ErrorIs(ErrorCode::kResourceExhausted, "keys that need"));
}

}  // namespace
}  // namespace xzgate::facts
