#include "scanner/facts/toc_check.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "scanner/facts/toc_rows.h"
#include "scanner/oci/digest.h"

namespace xzgate::facts {
namespace {

// No table is smaller; what pzstd writes between its frames is.
constexpr std::uint64_t kMinTableBytes = 16;

// Passes bytes on and digests them.
class DigestedSource final : public ByteSource {
 public:
  explicit DigestedSource(ByteSource& source) : source_(source) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    auto count = source_.Read(into);
    if (count) hasher_.Update(into.first(*count));
    if (count) bytes_ += *count;
    return count;
  }
  // Reads what is left.
  Result<void> Drain() {
    std::array<std::uint8_t, 16 * 1024> buffer;
    while (true) {
      XZGATE_ASSIGN(const std::size_t count, Read(buffer));
      if (count == 0) return {};
    }
  }
  std::uint64_t bytes() const { return bytes_; }
  std::string FinishHex() { return hasher_.FinishHex(); }

 private:
  ByteSource& source_;
  crypto::Hasher hasher_{crypto::Algorithm::kSha256};
  std::uint64_t bytes_ = 0;
};

// Bytes that were read ahead, and then the rest.
class JoinedSource final : public ByteSource {
 public:
  JoinedSource(std::string_view start, ByteSource& rest) : start_(start), rest_(rest) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (start_.empty()) return rest_.Read(into);
    const std::size_t count = std::min(start_.size(), into.size());
    std::memcpy(into.data(), start_.data(), count);
    start_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view start_;
  ByteSource& rest_;
};

}  // namespace

std::vector<TocCheck::Announced> TocCheck::Wanted(const std::vector<TocAnnouncement>& announced) {
  std::vector<Announced> wanted;
  for (const TocAnnouncement& toc : announced) wanted.push_back({toc, false, 0, {}});
  return wanted;
}

void TocCheck::EndFile(const layer::Entry& entry, std::uint64_t size, std::string_view sha256) {
  FileDigests::Digests digests = digests_.Finish();
  if (!sha256.empty()) digests.whole = sha256;
  ledger_.Add(entry, size, digests);
}

// Any table may be the announced one until its last byte gave its digest: so each is compared as it
// comes.
void TocCheck::ReadJson(ByteSource& json, Table& table) {
  DigestedSource digested(json);
  const std::uint64_t room = kMaxTableBytes - std::min(table_bytes_, kMaxTableBytes);
  TocComparison comparison(ledger_);
  const auto read = ReadTocRows(digested, static_cast<std::size_t>(room),
                                [&comparison](const TocRow& row) { comparison.Add(row); });
  const auto drained = digested.Drain();
  table_bytes_ += digested.bytes();
  if (!read || !drained) {
    table.problem = "cannot be read: " + (read ? drained : read).error().message();
  } else if (const std::string difference = comparison.Finish(); !difference.empty()) {
    table.problem = "differs from the archive: " + difference;
  }
  table.json = digested.FinishHex();
}

bool TocCheck::Settle(const Table& table) {
  bool is_announced = false;
  for (Announced& announced : announced_) {
    const bool of_json = announced.toc.of == TocAnnouncement::Of::kJson;
    const std::string& hex = of_json ? table.json : table.packed;
    const auto digest = oci::Digest::Parse(announced.toc.digest);
    const bool is_it = digest && digest->algorithm() == crypto::Algorithm::kSha256 &&
                       !hex.empty() && digest->hex() == hex;
    if (!is_it) continue;
    is_announced = true;
    announced.is_found = true;
    announced.entries = ledger_.count();
    if (announced.problem.empty()) announced.problem = table.problem;
  }
  return is_announced;
}

Result<void> TocCheck::ReadTable(const layer::Entry& entry, std::uint64_t size,
                                 std::string_view start, ByteSource& content) {
  ++tables_;
  Table table;
  JoinedSource joined(start, content);
  ReadJson(joined, table);
  // Whatever broke the reading of the table: if it was the stream, it tells again.
  std::array<std::uint8_t, 1> rest;
  XZGATE_RETURN_IF_ERROR(content.Read(rest));
  if (!Settle(table)) ledger_.Add(entry, size, {.whole = table.json, .parts = {}});
  return {};
}

// zstd:chunked keeps its table, compressed, in a skippable frame. Other frames are none: they have
// another digest.
void TocCheck::OnSkippable(ByteSource& frame, std::uint64_t size) {
  // Bombs, too: what a frame unpacks to counts, whatever it turns out to be.
  if (size < kMinTableBytes || tables_ >= kMaxTables || table_bytes_ >= kMaxTableBytes) return;
  ++tables_;
  DigestedSource packed(frame);
  Table table;
  auto opened =
      layer::DecompressedSource::Open(packed, {.max_output_bytes = kMaxTableBytes - table_bytes_});
  if (opened && (*opened)->compression() == layer::Compression::kZstd) {
    ReadJson(**opened, table);
    if ((*opened)->trailing_bytes() > 0) table.problem = "has bytes behind its end";
  } else {
    table.problem = "is not compressed with zstd";
  }
  // What fails here fails again for whoever reads the layer.
  if (!packed.Drain()) return;
  table.packed = packed.FinishHex();
  Settle(table);
}

std::string TocCheck::Finish() const {
  for (const Announced& announced : announced_) {
    const std::string name = "table of contents " + Quote(announced.toc.digest, 80) + " ";
    if (!announced.is_found) return name + "is announced and not in the layer";
    if (ledger_.is_full()) {
      return name + "was not compared: more than " + std::to_string(TocLedger::kMaxEntries) +
             " entries";
    }
    if (!announced.problem.empty()) return name + announced.problem;
    if (announced.entries != ledger_.count()) {
      return name + "differs from the archive: entries follow that it does not name";
    }
  }
  return {};
}

}  // namespace xzgate::facts
