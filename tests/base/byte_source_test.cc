#include "base/byte_source.h"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/support/result_matchers.h"

namespace xzgate {
namespace {

using testing::ErrorIs;
using testing::IsOk;

// Fails on its second read, as a connection does.
class BrokenSource final : public ByteSource {
 public:
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (reads_++ > 0) return Unavailable("connection reset");
    into[0] = 'x';
    return std::size_t{1};
  }

 private:
  int reads_ = 0;
};

TEST(MemorySourceTest, ServesChunksThenTheEndAgainAndAgain) {
  MemorySource source("hello", 2);
  std::array<std::uint8_t, 16> buffer;
  EXPECT_EQ(source.Read(buffer), 2U);
  EXPECT_EQ(source.Read(buffer), 2U);
  EXPECT_EQ(source.Read(buffer), 1U);
  EXPECT_EQ(buffer[0], 'o');
  EXPECT_EQ(source.Read(buffer), 0U);
  EXPECT_EQ(source.Read(buffer), 0U);
}

TEST(ReadAllTest, TakesExactlyTheLimit) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{SIZE_MAX}}) {
    MemorySource source(std::string(100, 'a'), chunk);
    EXPECT_EQ(ReadAll(source, 100, "reply"), std::string(100, 'a'));
  }
}

TEST(ReadAllTest, RefusesOneByteMore) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{SIZE_MAX}}) {
    MemorySource source(std::string(101, 'a'), chunk);
    EXPECT_THAT(ReadAll(source, 100, "reply"),
                ErrorIs(ErrorCode::kResourceExhausted, "reply: more than 100 bytes"));
  }
}

TEST(ReadAllTest, LimitAboveTheBufferHoldsToo) {
  MemorySource fits(std::string(100'000, 'a'));
  EXPECT_THAT(ReadAll(fits, 100'000, "blob"), IsOk());
  MemorySource over(std::string(100'001, 'a'));
  EXPECT_THAT(ReadAll(over, 100'000, "blob"), ErrorIs(ErrorCode::kResourceExhausted));
}

TEST(ReadAllTest, PassesTheSourcesErrorUp) {
  BrokenSource source;
  EXPECT_THAT(ReadAll(source, 100, "reply"), ErrorIs(ErrorCode::kUnavailable, "connection reset"));
}

class ReadFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "xzgate_read_file_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

TEST_F(ReadFileTest, GivesTheBytes) {
  EXPECT_EQ(ReadFile(Write("a", std::string("x\0y", 3)), 3), std::string("x\0y", 3));
  EXPECT_EQ(ReadFile(Write("empty", ""), 0), "");
}

TEST_F(ReadFileTest, NamesTheFileAboveTheLimit) {
  EXPECT_THAT(ReadFile(Write("a", "1234"), 3), ErrorIs(ErrorCode::kResourceExhausted, "/a\""));
}

TEST_F(ReadFileTest, SaysWhatIsNotAFile) {
  EXPECT_THAT(ReadFile(folder_ / "none", 9), ErrorIs(ErrorCode::kNotFound, "none"));
  EXPECT_THAT(ReadFile(Write("a", "1") + "/b", 9), ErrorIs(ErrorCode::kNotFound));
  EXPECT_THAT(ReadFile(folder_, 9), ErrorIs(ErrorCode::kInvalidArgument, "want a regular file"));
}

// Opening either for reading blocks or fails in ways that say nothing to a person.
TEST_F(ReadFileTest, WaitsForNoWriterOfAFifo) {
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(ReadFile(fifo, 9), ErrorIs(ErrorCode::kInvalidArgument, "want a regular file"));
  const std::string socket = folder_ / "socket";
  ASSERT_EQ(::mknod(socket.c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_THAT(ReadFile(socket, 9), ErrorIs(ErrorCode::kInvalidArgument, "want a regular file"));
}

TEST_F(ReadFileTest, SizeIsKnownBeforeReading) {
  const auto source = FileSource::Open(Write("a", "12345"));
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ((*source)->size(), 5U);
}

}  // namespace
}  // namespace xzgate
