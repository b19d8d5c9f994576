#include "scanner/signature/der.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xzgate::signature::der {
namespace {

using ::testing::SizeIs;

std::string Text(std::initializer_list<int> bytes) {
  std::string out;
  for (const int byte : bytes) out += static_cast<char>(byte);
  return out;
}

TEST(DerTest, ReadsElementsInOrder) {
  const std::string bytes = Text({0x02, 1, 7, 0x05, 0, 0xA3, 2, 0x04, 0});
  const auto elements = Read(bytes);
  ASSERT_TRUE(elements);
  ASSERT_THAT(*elements, SizeIs(3));
  EXPECT_EQ((*elements)[0].tag, 0x02);
  EXPECT_EQ((*elements)[0].content, Text({7}));
  EXPECT_EQ((*elements)[0].whole, Text({0x02, 1, 7}));
  EXPECT_EQ((*elements)[1].content, "");
  EXPECT_EQ((*elements)[2].tag, Context(3));
  EXPECT_EQ((*elements)[2].content, Text({0x04, 0}));
}

TEST(DerTest, NothingHasNoElements) {
  ASSERT_TRUE(Read(""));
  EXPECT_THAT(*Read(""), SizeIs(0));
}

TEST(DerTest, WritesWhatItRead) {
  for (const std::size_t size : {0, 1, 127, 128, 255, 256, 65'535, 65'536, 20'000'000}) {
    const std::string bytes = Encode(kSequence, Encode(0x04, std::string(size, 'x')));
    const auto inside = ReadInside(bytes, kSequence);
    ASSERT_TRUE(inside) << size;
    ASSERT_THAT(*inside, SizeIs(1));
    EXPECT_EQ(inside->front().content.size(), size);
    EXPECT_EQ(Encode(kSequence, *inside), bytes);
  }
}

struct RejectCase {
  std::string name;
  std::string bytes;
};

class ReadRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(ReadRejects, WhatIsNotDer) {
  EXPECT_FALSE(Read(GetParam().bytes));
}

const RejectCase kRejected[] = {
    {"NoLength", Text({0x04})},
    {"CutShort", Text({0x04, 2, 0})},
    {"SecondCutShort", Text({0x05, 0, 0x04, 1})},
    {"IndefiniteLength", Text({0x30, 0x80, 0, 0})},
    {"LengthCutShort", Text({0x04, 0x82, 1})},
    {"LongFormOfAShortLength", Text({0x04, 0x81, 1, 0})},
    {"LongestShortLength", Text({0x04, 0x81, 0x7F}) + std::string(127, 'x')},
    {"ZeroInFrontOfALength", Text({0x04, 0x82, 0, 0x80}) + std::string(128, 'x')},
    {"LengthOfFiveBytes", Text({0x04, 0x85, 1, 0, 0, 0, 0})},
    {"LengthBeyondTheEnd", Text({0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})},
    {"TagOfManyBytes", Text({0x3F, 0x81, 0x01, 0})},
};

INSTANTIATE_TEST_SUITE_P(All, ReadRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& param) { return param.param.name; });

TEST(DerTest, ReadsInsideOfOneElementWithTheTag) {
  EXPECT_TRUE(ReadInside(Text({0x30, 2, 0x05, 0}), kSequence));
  EXPECT_FALSE(ReadInside("", kSequence));
  EXPECT_FALSE(ReadInside(Text({0x31, 0}), kSequence));
  EXPECT_FALSE(ReadInside(Text({0x30, 0, 0x30, 0}), kSequence));
  EXPECT_FALSE(ReadInside(Text({0x30, 1, 0x05}), kSequence));
}

}  // namespace
}  // namespace xzgate::signature::der
