#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/facts/file_digests.h"
#include "scanner/facts/toc_rows.h"
#include "scanner/layer/entry_log.h"

namespace xzgate::facts {

// The entries of an archive, in order, so compact that a table of contents can be held against them
// after they have passed: one running digest over all that must agree, and 8 bytes an entry that
// only serve to name the first difference. Confined to one thread.
class TocLedger {
 public:
  // Real layers have some 100,000 entries at most; a ledger of this many takes 8 MiB.
  static constexpr std::size_t kMaxEntries = 1'000'000;
  // Files in several parts whose parts are remembered; each takes some 120 bytes.
  static constexpr std::size_t kMaxParted = 100'000;

  // An entry as both sides have it: names cleaned and whiteouts decoded as TarReader does it, texts
  // that are no UTF-8 repaired as the writers of tables do it. `sha256`: of a regular file's
  // content.
  struct Line {
    layer::EntryType type = layer::EntryType::kFile;
    std::string path;
    std::string target;
    std::uint64_t size = 0;
    std::string sha256;
  };

  // `parts`: FileDigests' word.
  void Add(const layer::Entry& entry, std::uint64_t size, const FileDigests::Digests& digests);

  std::size_t count() const { return count_; }
  bool is_full() const { return count_ > kMaxEntries; }

 private:
  friend class TocComparison;

  // What tells one entry from another, for messages.
  struct Mark {
    std::uint32_t name = 0;
    std::uint32_t rest = 0;
    bool operator==(const Mark&) const = default;
  };
  struct Parts {
    std::size_t entry;
    std::string digest;
  };
  static std::string Chain(crypto::Hasher& hasher, const std::string& before, const Line& line);
  static Mark MarkOf(const Line& line);

  crypto::Hasher hasher_{crypto::Algorithm::kSha256};
  std::string chain_;
  std::vector<Mark> marks_;
  std::vector<Parts> parts_;  // ascending by entry
  std::size_t count_ = 0;
};

// One table of contents held against a ledger, row by row. Confined to one thread; borrows the
// ledger, which stays as it is.
class TocComparison {
 public:
  explicit TocComparison(const TocLedger& ledger) : ledger_(ledger) {}

  void Add(const TocRow& row);

  // "" if the table says what the archive holds, else the first difference.
  std::string Finish();

 private:
  // A file whose chunks may follow, and those that came.
  struct File {
    TocLedger::Line line;
    std::string digest;
    std::string chunk_digest;      // of the first chunk
    std::uint64_t end = 0;         // of the last chunk
    std::size_t chunks = 0;        // the file's own row counts as the first
    std::size_t with_digests = 0;  // chunks that have one
    bool is_whole = true;          // each chunk begins where the one before it ends
  };

  void StartEntry(const TocRow& row);
  void AddChunk(const TocRow& row);
  void TakeChunk(const TocRow& row);
  void EndFile();
  void TakeDigest(File& file);
  void CompareParts(const File& file, std::size_t entry);
  void Compare(const TocLedger::Line& line);
  void Differ(std::string what);

  const TocLedger& ledger_;
  crypto::Hasher hasher_{crypto::Algorithm::kSha256};
  std::string chain_;
  std::size_t count_ = 0;
  std::size_t next_parts_ = 0;  // in the ledger's
  std::optional<File> open_;
  PartList list_;  // the open file's chunks
  std::string difference_;
};

}  // namespace xzgate::facts
