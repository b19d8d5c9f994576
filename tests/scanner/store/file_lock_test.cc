#include "scanner/store/file_lock.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"

namespace xzgate::store {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TempFolder;

constexpr std::chrono::milliseconds kNow{0};

TEST(FileLock, IsOnesAtATime) {
  const TempFolder folder;
  const std::string path = folder.path() + "/lock";
  {
    auto first = FileLock::Take(path, kNow);
    ASSERT_THAT(first, IsOk());
    const FileLock moved = std::move(*first);
    EXPECT_THAT(FileLock::Take(path, kNow), ErrorIs(ErrorCode::kDeadlineExceeded, path));
  }
  EXPECT_THAT(FileLock::Take(path, kNow), IsOk());
}

TEST(FileLock, SaysWhichFileCannotBeOpened) {
  EXPECT_THAT(FileLock::Take("/nonexistent/lock", kNow),
              ErrorIs(ErrorCode::kUnavailable, "/nonexistent/lock"));
}

}  // namespace
}  // namespace xzgate::store
