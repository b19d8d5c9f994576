#include "scanner/layer/tar_pax.h"

#include <utility>

#include "base/text.h"

namespace xzgate::layer {

namespace {

struct Record {
  std::string_view key;
  std::string_view value;
};

// Takes one record off the front of `body`.
Result<Record> TakeRecord(std::string_view& body) {
  constexpr std::size_t kMaxLengthDigits = 20;
  const auto bad = [&body]() -> std::unexpected<Error> {
    return Integrity("pax header: record " + Quote(body, 64) + ", want \"LENGTH KEY=VALUE\\n\"");
  };
  const auto space = body.substr(0, kMaxLengthDigits + 1).find(' ');
  if (space == body.npos) return bad();
  const auto length = ParseUint(body.substr(0, space));
  if (!length || *length > body.size() || *length <= space + 1) return bad();
  std::string_view text = body.substr(space + 1, static_cast<std::size_t>(*length) - space - 1);
  if (text.back() != '\n') return bad();
  text.remove_suffix(1);
  const auto equals = text.find('=');
  if (equals == text.npos || equals == 0) return bad();
  body.remove_prefix(static_cast<std::size_t>(*length));
  return Record{text.substr(0, equals), text.substr(equals + 1)};
}

Result<void> SetText(std::string& field, const Record& record) {
  if (record.value.find('\0') != record.value.npos) {
    return Integrity("pax header: NUL byte in " + Quote(record.key));
  }
  field = record.value;
  return {};
}

Result<void> SetNumber(std::optional<std::uint64_t>& field, const Record& record) {
  // Go keeps the last record of a key, and an empty one says nothing: it takes back the ones
  // before.
  field.reset();
  if (record.value.empty()) return {};
  field = ParseUint(record.value);
  if (field && static_cast<std::int64_t>(*field) >= 0) return {};
  return Integrity("pax header: " + std::string(record.key) + " is " + Quote(record.value) +
                   ", want a decimal number below 2^63");
}

// Format 0.0: records "offset" and "numbytes" in turn, joined as format 0.1 has them.
class SingleRecords {
 public:
  Result<void> Add(const Record& record) {
    const std::string_view want = seen_ % 2 == 0 ? "GNU.sparse.offset" : "GNU.sparse.numbytes";
    if (record.key != want || record.value.find(',') != record.value.npos) {
      return Integrity("pax header: sparse record " + Quote(record.key) + " out of turn");
    }
    if (seen_++ > 0) map_ += ',';
    map_ += record.value;
    return {};
  }

  // They win over a map in one record, wherever that stands: Go puts them in last.
  void MoveTo(std::string& map) {
    if (seen_ > 0) map = std::move(map_);
  }

 private:
  std::size_t seen_ = 0;
  std::string map_;
};

// Attributes by which a file system of layers takes a file's or a directory's content from another
// path of the layers below (Linux, Documentation/filesystems/overlayfs.rst). CRI-O's storage sets
// what it is told to, so a tree with them is not what whiteouts and names say.
bool RedirectsContent(std::string_view key) {
  constexpr std::string_view kXattr = "SCHILY.xattr.";
  if (!key.starts_with(kXattr)) return false;
  key.remove_prefix(kXattr.size());
  for (const std::string_view space : {"trusted.overlay.", "user.overlay."}) {
    if (!key.starts_with(space)) continue;
    const std::string_view name = key.substr(space.size());
    return name == "redirect" || name == "metacopy";
  }
  return false;
}

}  // namespace

bool PaxFields::HasNothing() const {
  return path.empty() && linkpath.empty() && !size && sparse_major.empty() &&
         sparse_minor.empty() && sparse_name.empty() && sparse_map.empty() && !sparse_size;
}

Result<PaxFields> ParsePax(std::string_view body, const TarLimits& limits) {
  PaxFields fields;
  SingleRecords single;
  std::optional<std::uint64_t> real_size;
  for (std::size_t records = 0; !body.empty(); ++records) {
    if (records == limits.max_pax_records) {
      return ResourceExhausted("pax header: more than " + std::to_string(limits.max_pax_records) +
                               " records");
    }
    XZGATE_ASSIGN(const Record record, TakeRecord(body));
    Result<void> set;
    if (RedirectsContent(record.key)) {
      return Unsupported("pax header: " + std::string(record.key) +
                         " takes content from another path of lower layers");
    }
    if (record.key == "path") {
      set = SetText(fields.path, record);
    } else if (record.key == "linkpath") {
      set = SetText(fields.linkpath, record);
    } else if (record.key == "size") {
      set = SetNumber(fields.size, record);
    } else if (record.key == "GNU.sparse.major") {
      set = SetText(fields.sparse_major, record);
    } else if (record.key == "GNU.sparse.minor") {
      set = SetText(fields.sparse_minor, record);
    } else if (record.key == "GNU.sparse.name") {
      set = SetText(fields.sparse_name, record);
    } else if (record.key == "GNU.sparse.map") {
      set = SetText(fields.sparse_map, record);
    } else if (record.key == "GNU.sparse.size") {
      set = SetNumber(fields.sparse_size, record);
    } else if (record.key == "GNU.sparse.realsize") {
      set = SetNumber(real_size, record);
    } else if (record.key == "GNU.sparse.numblocks") {
      set = SetNumber(fields.sparse_blocks, record);
    } else if (record.key == "GNU.sparse.offset" || record.key == "GNU.sparse.numbytes") {
      set = single.Add(record);
    }
    if (!set) return std::unexpected(std::move(set).error());
  }
  single.MoveTo(fields.sparse_map);
  if (!fields.sparse_size) fields.sparse_size = real_size;
  return fields;
}

}  // namespace xzgate::layer
