#include "scanner/layer/entry_log.h"

#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "scanner/layer/entry_log_reader.h"

namespace xzgate::layer {

namespace {

constexpr int kLevel = 1;
constexpr std::size_t kPieceBytes = 64 * 1024;  // collected before the compressor sees them

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

void AppendNumber(std::string& out, std::uint64_t value) {  // LEB128
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}

void AppendText(std::string& out, std::string_view text) {
  AppendNumber(out, text.size());
  out += text;
}

}  // namespace

// The bytes are one zstd frame of records: a byte with type and flags, how much of the path is the
// last path's front, the rest of the path, and the target if the flag says so.
struct EntryLog::State {
  std::string raw;  // records that wait for the compressor
  std::string bytes;
  std::string last_path;
  std::uint64_t count = 0;
  bool truncated = false;
  bool finished = false;
  std::unique_ptr<ZSTD_CCtx, FreeCompressor>
      compressor;  // made with the first piece: many logs stay small

  void Compress(ZSTD_EndDirective end) {
    if (!compressor) {
      compressor.reset(ZSTD_createCCtx());
      ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_compressionLevel, kLevel);
      ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_windowLog, kEntryLogWindowLog);
      ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_checksumFlag, 1);
    }
    ZSTD_inBuffer from = {raw.data(), raw.size(), 0};
    while (true) {
      const std::size_t old_size = bytes.size();
      bytes.resize(old_size + ZSTD_compressBound(raw.size() - from.pos) + 64);
      ZSTD_outBuffer to = {bytes.data(), bytes.size(), old_size};
      const std::size_t left = ZSTD_compressStream2(compressor.get(), &to, &from, end);
      bytes.resize(to.pos);
      if (ZSTD_isError(left)) {  // only memory can be the reason
        truncated = true;
        break;
      }
      if (from.pos == raw.size() && (left == 0 || end == ZSTD_e_continue)) break;
    }
    raw.clear();
    if (bytes.size() > kMaxBytes) truncated = true;
  }
};

EntryLog::EntryLog() : state_(std::make_unique<State>()) {}
EntryLog::~EntryLog() = default;
EntryLog::EntryLog(EntryLog&&) noexcept = default;
EntryLog& EntryLog::operator=(EntryLog&&) noexcept = default;

void EntryLog::Append(const Entry& entry) {
  State& state = *state_;
  assert(!state.finished);
  ++state.count;
  if (entry.path.size() > kMaxTextBytes || entry.target.size() > kMaxTextBytes) {
    state.truncated = true;
  }
  if (state.truncated) return;
  const auto mismatch = std::ranges::mismatch(state.last_path, entry.path);
  const auto shared = static_cast<std::size_t>(mismatch.in1 - state.last_path.begin());
  const auto flags = entry.target.empty() ? 0 : kEntryLogHasTarget;
  state.raw += static_cast<char>(static_cast<int>(entry.type) | flags);
  AppendNumber(state.raw, shared);
  AppendText(state.raw, std::string_view(entry.path).substr(shared));
  if (!entry.target.empty()) AppendText(state.raw, entry.target);
  state.last_path = entry.path;
  if (state.raw.size() >= kPieceBytes) state.Compress(ZSTD_e_continue);
}

void EntryLog::Finish() {
  State& state = *state_;
  if (state.finished) return;
  state.finished = true;
  if (state.count > 0) state.Compress(ZSTD_e_end);
  state.compressor.reset();
  state.raw = {};
  state.last_path = {};
  state.bytes.shrink_to_fit();
}

std::uint64_t EntryLog::count() const {
  return state_->count;
}
bool EntryLog::is_truncated() const {
  return state_->truncated;
}

const std::string& EntryLog::bytes() const {
  assert(state_->finished);
  return state_->bytes;
}

EntryLog EntryLog::FromBytes(std::string bytes, std::uint64_t count) {
  EntryLog log;
  log.state_->bytes = std::move(bytes);
  log.state_->count = count;
  log.state_->finished = true;
  return log;
}

Result<void> EntryLog::ForEach(const std::function<bool(const Entry&)>& visit) const {
  assert(state_->finished);
  EntryLogReader reader(state_->bytes);
  Entry entry;
  for (std::uint64_t i = 0; i < state_->count; ++i) {
    XZGATE_ASSIGN(const bool more, reader.Next(entry));
    if (!more && state_->truncated) {
      return ResourceExhausted("entry log: names beyond " + std::to_string(kMaxBytes) +
                               " packed bytes were not kept");
    }
    if (!more) return Integrity("entry log: fewer entries than were counted");
    if (!visit(entry)) return {};
  }
  XZGATE_ASSIGN(const bool more, reader.Next(entry));
  if (more) return Integrity("entry log: more entries than were counted");
  return {};
}

}  // namespace xzgate::layer
