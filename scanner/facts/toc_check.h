#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "scanner/facts/file_digests.h"
#include "scanner/facts/toc_announcement.h"
#include "scanner/facts/toc_ledger.h"
#include "scanner/layer/decompress.h"

namespace xzgate::facts {

// The name of an eStargz table in its archive (stargz-snapshotter docs/estargz.md, "TOC").
inline constexpr std::string_view kTocName = "stargz.index.json";

// Holds the tables of contents that a layer's descriptor announces against the layer's archive, as
// both stream by: runtimes that pull lazily build files from the table alone, so what it says must
// be what was scanned. Names, types, sizes, targets, and the digests of contents are compared;
// owners, modes and extended attributes are not. Confined to one thread.
class TocCheck final : public layer::PackedObserver {
 public:
  // Of all tables of one layer together, unpacked; containers/storage takes 150 MiB.
  static constexpr std::uint64_t kMaxTableBytes = 256ULL * 1024 * 1024;

  // Skippable frames and entries that may be a table, tried in one layer; real ones have three.
  static constexpr std::size_t kMaxTables = 1000;

  explicit TocCheck(std::vector<TocAnnouncement> announced) : announced_(Wanted(announced)) {}

  void OnPart(std::uint64_t offset) override { digests_.AddBorder(offset); }
  void OnSkippable(ByteSource& frame, std::uint64_t size) override;

  // One regular file: StartFile, then Feed as FileDigests has it, then EndFile. `sha256`: where the
  // caller knows it and said so at the start.
  void StartFile(bool wants_digest) { digests_.Start(wants_digest); }
  void Feed(Bytes piece, std::optional<std::uint64_t> position) { digests_.Feed(piece, position); }
  void EndFile(const layer::Entry& entry, std::uint64_t size, std::string_view sha256);
  // Any other entry.
  void AddOther(const layer::Entry& entry) { ledger_.Add(entry, 0, {}); }

  // Whether a regular file may be a table by its name, and is to be given to ReadTable.
  bool MayBeTable(const layer::Entry& entry) const {
    return entry.path == kTocName && tables_ < kMaxTables;
  }
  // A file that may be a table: if it is an announced one it is no entry of the
  // archive, else it is one like others. Errors of the source.
  // `start`: what was already read of it.
  Result<void> ReadTable(const layer::Entry& entry, std::uint64_t size, std::string_view start,
                         ByteSource& content);

  // At the end of the layer: "" if every announced table is there and says what the archive holds.
  std::string Finish() const;

 private:
  struct Announced {
    TocAnnouncement toc;
    bool is_found = false;
    std::size_t entries = 0;  // of the archive when it came
    std::string problem;
  };
  struct Table {
    std::string json;    // digests, hex
    std::string packed;  // "" where there is none
    std::string problem;
  };

  static std::vector<Announced> Wanted(const std::vector<TocAnnouncement>& announced);
  void ReadJson(ByteSource& json, Table& table);
  bool Settle(const Table& table);

  std::vector<Announced> announced_;
  FileDigests digests_;
  TocLedger ledger_;
  std::size_t tables_ = 0;         // tried so far
  std::uint64_t table_bytes_ = 0;  // read so far
};

}  // namespace xzgate::facts
