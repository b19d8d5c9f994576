#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_source.h"
#include "scanner/layer/decompress.h"
#include "scanner/layer/entry_log.h"
#include "scanner/layer/tar_reader.h"

namespace xzgate::layer {

// Lets GoogleTest print entries.
inline void PrintTo(const Entry& entry, std::ostream* out) {
  *out << "{type " << static_cast<int>(entry.type) << " \"" << entry.path << "\" -> \""
       << entry.target << "\"}";
}

}  // namespace xzgate::layer

namespace xzgate::testing {

// An entry of a tar with all that was read of it.
struct Item {
  layer::Entry entry = {};
  std::uint64_t size = 0;
  std::string content = {};
  bool after_end = false;
  std::string oddity = {};

  bool operator==(const Item&) const = default;
};

inline void PrintTo(const Item& item, std::ostream* out) {
  layer::PrintTo(item.entry, out);
  *out << " size " << item.size << " content \"" << item.content.substr(0, 80) << "\" after_end "
       << item.after_end << " oddity \"" << item.oddity << '"';
}

inline layer::Entry File(std::string path) {
  return {layer::EntryType::kFile, std::move(path), ""};
}
inline layer::Entry Directory(std::string path) {
  return {layer::EntryType::kDirectory, std::move(path), ""};
}
inline layer::Entry Other(std::string path) {
  return {layer::EntryType::kOther, std::move(path), ""};
}
inline layer::Entry Whiteout(std::string path) {
  return {layer::EntryType::kWhiteout, std::move(path), ""};
}
inline layer::Entry Opaque(std::string path) {
  return {layer::EntryType::kOpaque, std::move(path), ""};
}
inline layer::Entry Symlink(std::string path, std::string target) {
  return {layer::EntryType::kSymlink, std::move(path), std::move(target)};
}
inline layer::Entry HardLink(std::string path, std::string target) {
  return {layer::EntryType::kHardLink, std::move(path), std::move(target)};
}

// All entries of a tar stream with their content, read in pieces of `piece` bytes.
inline Result<std::vector<Item>> Walk(ByteSource& stream, const layer::TarLimits& limits = {},
                                      std::size_t piece = 4096, std::uint64_t* trailing = nullptr) {
  layer::TarReader reader(stream, limits);
  std::vector<Item> items;
  std::string buffer(piece, '\0');
  while (true) {
    XZGATE_ASSIGN(const auto entry, reader.Next());
    if (!entry) break;
    Item item{entry->entry, entry->size, "", entry->after_end, entry->oddity};
    while (entry->entry.type == layer::EntryType::kFile) {
      XZGATE_ASSIGN(const std::size_t count,
                    reader.Read({reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()}));
      if (count == 0) break;
      item.content.append(buffer, 0, count);
    }
    items.push_back(std::move(item));
  }
  if (trailing != nullptr) *trailing = reader.trailing_bytes();
  return items;
}

inline Result<std::vector<Item>> WalkTar(std::string_view tar, const layer::TarLimits& limits = {},
                                         std::size_t chunk = SIZE_MAX) {
  MemorySource source(std::string(tar), chunk);
  return Walk(source, limits);
}

// The names only.
inline Result<std::vector<layer::Entry>> EntriesOf(std::string_view tar,
                                                   const layer::TarLimits& limits = {}) {
  XZGATE_ASSIGN(const auto items, WalkTar(tar, limits));
  std::vector<layer::Entry> entries;
  for (const Item& item : items) entries.push_back(item.entry);
  return entries;
}

// All that a packed stream unpacks to.
inline Result<std::string> Unpack(std::string_view packed,
                                  const layer::DecompressLimits& limits = {},
                                  std::size_t chunk = SIZE_MAX) {
  MemorySource source(std::string(packed), chunk);
  XZGATE_ASSIGN(const auto unpacked, layer::DecompressedSource::Open(source, limits));
  return ReadAll(*unpacked, SIZE_MAX, "unpacked");
}

}  // namespace xzgate::testing
