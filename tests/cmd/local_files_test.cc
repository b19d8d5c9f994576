// What `scan` and `explain` do with the files of the person who calls them: a store, credentials,
// standard output.

#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>

#include "base/byte_source.h"
#include "tests/cmd/run.h"
#include "tests/support/temp_folder.h"

namespace xzgate::cmd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::xzgate::testing::TempFolder;

namespace fs = std::filesystem;

constexpr const char* kNobody = "127.0.0.1:1/shop/api:1";

struct StoreCase {
  std::string name;
  std::string content;
  bool is_taken;
};

class StoreFlag : public ::testing::TestWithParam<StoreCase> {
 protected:
  TempFolder folder_;
};

// Whatever the person named by mistake is left as it is.
TEST_P(StoreFlag, TakesOnlyWhatMayBeAStore) {
  for (const std::string command : {"scan", "explain"}) {
    const std::string path = folder_.Write(command + ".tar", GetParam().content);
    const Ran ran = RunXzgate({command, "--store", path, kNobody});
    EXPECT_EQ(ran.code, GetParam().is_taken ? 3 : 2) << ran.err;
    if (GetParam().is_taken) continue;
    EXPECT_THAT(ran.err, HasSubstr("\"" + path + "\" is not an xzgate store"));
    EXPECT_EQ(ReadFile(path, 1024).value_or(""), GetParam().content);
    EXPECT_FALSE(fs::exists(path + ".corrupt-1"));
  }
}

const std::string kHeader("SQLite format 3\0", 16);

INSTANTIATE_TEST_SUITE_P(
    All, StoreFlag,
    ::testing::Values(StoreCase{"Empty", "", true}, StoreCase{"DamagedStore", kHeader + "x", true},
                      StoreCase{"Archive", std::string(600, 'a'), false},
                      StoreCase{"OneByte", "x", false},
                      StoreCase{"HeaderCutShort", kHeader.substr(0, 15), false},
                      StoreCase{"AnotherVersion", "SQLite format 2" + std::string(1, '\0'), false}),
    [](const auto& test) { return test.param.name; });

// A report that nobody gets must not look like "nothing found".
TEST(Output, ThatIsLostIsAnError) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"version"}, {"scan", "--help"}, {"scan", kNobody}}) {
    EXPECT_EXIT(
        {
          std::vector<char*> arguments{const_cast<char*>("xzgate")};
          for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
          if (std::freopen("/dev/full", "w", stdout) == nullptr) std::_Exit(99);
          std::_Exit(RunCommandLine(static_cast<int>(arguments.size()), arguments.data()));
        },
        ::testing::ExitedWithCode(3), "cannot write to standard output: No space left");
  }
}

TEST(Credentials, HelpersAreSaidToBeUnused) {
  const TempFolder folder;
  folder.Write("config.json", R"({"credsStore": "desktop"})");
  const Ran helper = RunXzgate({"scan", "--docker-config", folder.path(), kNobody});
  EXPECT_EQ(helper.code, 3);
  EXPECT_THAT(helper.err, HasSubstr("desktop"));
  folder.Write("config.json", R"({"auths": {}})");
  const Ran none = RunXzgate({"scan", "--docker-config", folder.path(), kNobody});
  EXPECT_THAT(none.err, Not(HasSubstr("credential")));
}

TEST(Hint, AFolderThatIsMeantAsALayoutIsNoted) {
  const TempFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  fs::create_directories("127.0.0.1:1/layout");
  for (const std::string command : {"scan", "explain"})
    EXPECT_THAT(RunXzgate({command, "127.0.0.1:1/layout"}).err,
                HasSubstr("xzgate " + command + ": note: \"127.0.0.1:1/layout\" is a folder"));
  fs::current_path(before);
}

}  // namespace
}  // namespace xzgate::cmd
