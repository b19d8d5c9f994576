#include "scanner/facts/os_release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scanner/facts/extract.h"

namespace xzgate::facts {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Case {
  const char* name;
  std::string text;
  const char* id;
  const char* version_id;
};
class OsReleaseFileTest : public ::testing::TestWithParam<Case> {};

TEST_P(OsReleaseFileTest, Reads) {
  OsReleaseFile file("etc/os-release");
  const Findings found = Extract(file, GetParam().text, 3);
  ASSERT_THAT(found.os_releases, SizeIs(1));
  EXPECT_EQ(found.os_releases[0].path, "etc/os-release");
  EXPECT_EQ(found.os_releases[0].id, GetParam().id);
  EXPECT_EQ(found.os_releases[0].version_id, GetParam().version_id);
  EXPECT_THAT(found.incomplete, IsEmpty());
}

const Case kCases[] = {
    {"Debian", "PRETTY_NAME=\"Debian\"\nVERSION_ID=\"12\"\nVERSION=\"12 (x)\"\nID=debian\n",
     "debian", "12"},
    {"Alpine", "ID=alpine\nVERSION_ID=3.20.3\n", "alpine", "3.20.3"},
    {"SingleQuotes", "ID='opensuse-tumbleweed'\n", "opensuse-tumbleweed", ""},
    {"NoNewlineAtEnd", "ID=wolfi", "wolfi", ""},
    {"Escapes", "ID=\"a\\\"b\\\\c\"\nVERSION_ID='x\\y'\n", "a\"b\\c", "x\\y"},
    {"BlanksAndReturns", "  ID=arch \r\n", "arch", ""},
    {"LastCounts", "ID=a\nID=b\n", "b", ""},
    {"OtherNames", "ID_LIKE=debian\nBUILD_ID=rolling\nXID=x\n", "", ""},
    {"Comments", "# ID=x\n\nID=y\n", "y", ""},
    {"Empty", "", "", ""},
};
INSTANTIATE_TEST_SUITE_P(Cases, OsReleaseFileTest, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(OsReleaseFileTest, MayHave64KiB) {
  OsReleaseFile fits("x");
  EXPECT_THAT(Extract(fits, std::string(OsReleaseFile::kMaxBytes, '#')).incomplete, IsEmpty());
  OsReleaseFile over("x");
  EXPECT_THAT(Extract(over, std::string(OsReleaseFile::kMaxBytes + 1, '#')).incomplete, SizeIs(1));
}

}  // namespace
}  // namespace xzgate::facts
