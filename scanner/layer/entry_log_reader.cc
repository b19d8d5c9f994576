#include "scanner/layer/entry_log_reader.h"

#include <zstd.h>

#include <algorithm>
#include <new>

namespace xzgate::layer {

namespace {

constexpr std::size_t kWindowBytes = 64 * 1024;
constexpr int kMaxNumberBits = 28;  // four bytes of LEB128: far more than a text may be long

std::unexpected<Error> Damaged(std::string_view what) {
  return Integrity("entry log: " + std::string(what));
}

}  // namespace

struct EntryLogReader::Decoder {
  explicit Decoder(std::string_view bytes) : from{bytes.data(), bytes.size(), 0} {
    if (context == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, kEntryLogWindowLog);
  }
  ~Decoder() { ZSTD_freeDCtx(context); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer from;
  bool in_frame = false;
};

EntryLogReader::EntryLogReader(std::string_view bytes)
    : decoder_(std::make_unique<Decoder>(bytes)) {}
EntryLogReader::~EntryLogReader() = default;

Result<bool> EntryLogReader::HasMore() {
  if (at_ < window_.size()) return true;
  Decoder& decoder = *decoder_;
  window_.resize(kWindowBytes);
  at_ = 0;
  while (true) {
    ZSTD_outBuffer to = {window_.data(), window_.size(), 0};
    const std::size_t before = decoder.from.pos;
    if (before == decoder.from.size && !decoder.in_frame) break;
    const std::size_t status = ZSTD_decompressStream(decoder.context, &to, &decoder.from);
    if (ZSTD_isError(status)) return Damaged(ZSTD_getErrorName(status));
    decoder.in_frame = status != 0;
    if (to.pos > 0) {
      window_.resize(to.pos);
      return true;
    }
    if (decoder.in_frame && decoder.from.pos == before) return Damaged("cut short");
  }
  window_.clear();
  return false;
}

Result<std::uint64_t> EntryLogReader::Number() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < kMaxNumberBits; shift += 7) {
    XZGATE_ASSIGN(const bool more, HasMore());
    if (!more) return Damaged("cut short in a number");
    const auto byte = static_cast<unsigned char>(window_[at_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return Damaged("a number is too large");
}

Result<void> EntryLogReader::Text(std::string& into, std::size_t keep) {
  XZGATE_ASSIGN(std::uint64_t left, Number());
  if (keep + left > EntryLog::kMaxTextBytes) return Damaged("a text is too long");
  into.resize(keep);
  while (left > 0) {
    XZGATE_ASSIGN(const bool more, HasMore());
    if (!more) return Damaged("cut short in a text");
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(left, window_.size() - at_));
    into.append(window_, at_, count);
    at_ += count;
    left -= count;
  }
  return {};
}

Result<bool> EntryLogReader::Next(Entry& entry) {
  XZGATE_ASSIGN(const bool more, HasMore());
  if (!more) return false;
  const int head = static_cast<unsigned char>(window_[at_++]);
  const int type = head & ~kEntryLogHasTarget;
  if (type > static_cast<int>(EntryType::kOpaque)) return Damaged("an unknown type of entry");
  entry.type = static_cast<EntryType>(type);
  XZGATE_ASSIGN(const std::uint64_t shared, Number());
  if (shared > entry.path.size()) return Damaged("a path goes on from one that is shorter");
  XZGATE_RETURN_IF_ERROR(Text(entry.path, static_cast<std::size_t>(shared)));
  entry.target.clear();
  if ((head & kEntryLogHasTarget) != 0) XZGATE_RETURN_IF_ERROR(Text(entry.target, 0));
  return true;
}

}  // namespace xzgate::layer
