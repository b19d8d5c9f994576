#include "scanner/registry/blob_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

Result<std::string> ReadBlob(const std::string& bytes, std::uint64_t size) {
  BlobSource source(std::make_unique<MemorySource>(bytes, 3), size, "blob \"x\"");
  return ReadAll(source, 1000, "test");
}

TEST(BlobSource, GivesExactlyItsBytes) {
  EXPECT_EQ(ReadBlob("0123456789", 10), "0123456789");
  EXPECT_EQ(ReadBlob("", 0), "");
}

TEST(BlobSource, RefusesAnotherLength) {
  EXPECT_THAT(ReadBlob("0123456789", 9),
              ErrorIs(ErrorCode::kIntegrity, "blob \"x\": want 9 bytes, found more"));
  EXPECT_THAT(ReadBlob("0123456789", 11),
              ErrorIs(ErrorCode::kIntegrity, "want 11 bytes, found 10"));
  EXPECT_THAT(ReadBlob("0", 0), ErrorIs(ErrorCode::kIntegrity));
}

TEST(BlobSource, FailsForEverAfterAnError) {
  BlobSource source(std::make_unique<MemorySource>("0123456789"), 5, "blob");
  std::array<std::uint8_t, 16> buffer;
  EXPECT_THAT(source.Read(buffer), ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(source.Read(buffer), ErrorIs(ErrorCode::kIntegrity));
}

}  // namespace
}  // namespace xzgate::registry
