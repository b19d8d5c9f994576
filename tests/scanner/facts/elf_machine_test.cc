// Real ELF files: those that run this test.

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

#include <string>
#include <vector>

#include "scanner/facts/elf_reader.h"

namespace xzgate::facts {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::StartsWith;

ElfReading ReadPath(const std::string& path, const Probes& probes) {
  const auto file = FileSource::Open(path).value();
  ElfExtractor extractor(path, probes);
  std::vector<std::uint8_t> buffer(65536);
  while (const std::size_t count = file->Read(buffer).value())
    extractor.Feed({buffer.data(), count});
  return extractor.Finish();
}

// The C library that this process runs with.
std::string LibcPath() {
  std::string path;
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* out) {
        const std::string name = object->dlpi_name;
        if (name.find("/libc.so") != name.npos || name.find("/libc.musl") != name.npos)
          *static_cast<std::string*>(out) = name;
        return 0;
      },
      &path);
  return path;
}

TEST(ElfMachineTest, ReadsTheRunningCLibrary) {
  const std::string path = LibcPath();
  ASSERT_FALSE(path.empty()) << "no C library among the loaded objects";
  const ElfReading reading =
      ReadPath(path, {.patterns = {}, .symbols = {"memcpy", "malloc", "no_such_symbol"}});
  EXPECT_THAT(reading.file.soname, StartsWith("libc."));
  EXPECT_EQ(reading.file.type, ET_DYN);
  EXPECT_EQ(reading.file.is_64bit, sizeof(void*) == 8);
  EXPECT_THAT(reading.file.symbols, Contains(Field(&ElfSymbol::name, "malloc")));
  EXPECT_THAT(reading.file.symbols, Contains(Field(&ElfSymbol::name, "memcpy")));
  EXPECT_THAT(reading.incomplete, IsEmpty());
}

TEST(ElfMachineTest, ReadsThisProgram) {
  const ElfReading reading =
      ReadPath("/proc/self/exe", {.patterns = {}, .symbols = {"no_such_symbol"}});
  EXPECT_NE(reading.file.machine, 0);
  EXPECT_GT(reading.file.size, 1000u);
  EXPECT_THAT(reading.file.symbols, IsEmpty());
  EXPECT_THAT(reading.incomplete, IsEmpty());
}

}  // namespace
}  // namespace xzgate::facts
