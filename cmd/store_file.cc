#include "cmd/store_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "base/byte_source.h"
#include "base/text.h"
#include "scanner/store/sqlite_store.h"

namespace xzgate::cmd {
namespace {

Result<void> CheckStore(const std::string& path) {
  constexpr std::string_view kHeader("SQLite format 3\0", 16);  // sqlite.org/fileformat2.html 1.3
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  XZGATE_ASSIGN(const auto file, FileSource::Open(path));
  std::array<std::uint8_t, kHeader.size()> bytes{};
  std::size_t size = 0;
  while (size < bytes.size()) {
    XZGATE_ASSIGN(const std::size_t more, file->Read(std::span(bytes).subspan(size)));
    if (more == 0) break;
    size += more;
  }
  if (size == 0 || AsText(Bytes(bytes).first(size)) == kHeader) return {};
  return InvalidArgument(Quote(path) + " is not an xzgate store");
}

}  // namespace

Result<std::unique_ptr<store::Store>> OpenStore(const std::string& path, log::Logger& logger) {
  if (const auto checked = CheckStore(path); !checked) return Annotate(checked.error(), "--store");
  auto store = path.empty() ? store::SqliteStore::OpenInMemory(logger)
                            : store::SqliteStore::Open(path, logger);
  if (!store) return Annotate(store.error(), "--store");
  return std::move(*store);
}

}  // namespace xzgate::cmd
