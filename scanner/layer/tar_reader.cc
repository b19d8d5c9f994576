#include "scanner/layer/tar_reader.h"

#include <cstring>
#include <utility>

#include "base/text.h"
#include "scanner/layer/tar_content.h"
#include "scanner/layer/tar_extras.h"
#include "scanner/layer/tar_name.h"

namespace xzgate::layer {

namespace {

// Types '1' to '6' have no content for Go's reader, whatever their size field says.
bool IsHeaderOnly(char type) {
  return type >= kTypeHardLink && type <= kTypeFifo;
}

EntryType ToEntryType(char type) {
  switch (type) {
    case kTypeOldFile:
    case kTypeFile:
    case kTypeContiguous:
    case kTypeGnuSparse:
      return EntryType::kFile;
    case kTypeHardLink:
      return EntryType::kHardLink;
    case kTypeSymlink:
      return EntryType::kSymlink;
    case kTypeDirectory:
      return EntryType::kDirectory;
    default:
      return EntryType::kOther;
  }
}

}  // namespace

struct TarReader::State {
  State(ByteSource& source, const TarLimits& tar_limits)
      : limits(tar_limits), stream(source), content(stream) {}

  using MaybeEntry = Result<std::optional<TarEntry>>;

  MaybeEntry Next();
  MaybeEntry OnBlock(Bytes block);   // any block in a header's place
  MaybeEntry OnNoHeader();           // one that is no header
  MaybeEntry OnHeader(Bytes block);  // one with a good checksum
  Result<void> OnEnd(Bytes rest);
  Result<std::string> ReadSpecial(std::uint64_t size);
  Result<void> StartContent(const TarHeader& header, Bytes block, TarEntry& entry);
  Result<void> StartSparse(const TarHeader& header, TarEntry& entry);
  Result<Bytes> ReadView(std::uint64_t max);

  TarLimits limits;
  TarStream stream;
  TarContent content;
  TarExtras extras;
  std::optional<Error> failure;
  std::uint64_t entries = 0;
  std::uint64_t trailing = 0;
  std::uint64_t unread_size = 0;  // what the header-only entry just passed gave as its size
  bool any_block = false;
  bool after_end = false;  // a zero block was seen
  bool done = false;
};

TarReader::TarReader(ByteSource& stream, const TarLimits& limits)
    : state_(std::make_unique<State>(stream, limits)) {}
TarReader::~TarReader() = default;

std::uint64_t TarReader::trailing_bytes() const {
  return state_->trailing;
}

std::optional<std::uint64_t> TarReader::content_position() const {
  if (state_->content.is_sparse()) return std::nullopt;
  return state_->stream.position();
}

Result<std::optional<TarEntry>> TarReader::Next() {
  if (state_->failure) return std::unexpected(*state_->failure);
  auto entry = state_->Next();
  if (!entry) state_->failure = entry.error();
  return entry;
}

Result<Bytes> TarReader::ReadView() {
  return state_->ReadView(TarStream::kBufferBytes);
}

Result<std::size_t> TarReader::Read(std::span<std::uint8_t> into) {
  XZGATE_ASSIGN(const Bytes bytes, state_->ReadView(into.size()));
  if (!bytes.empty()) std::memcpy(into.data(), bytes.data(), bytes.size());
  return bytes.size();
}

Result<Bytes> TarReader::State::ReadView(std::uint64_t max) {
  if (failure) return std::unexpected(*failure);
  if (done) return Bytes();
  auto bytes = content.Next(max);
  if (bytes && content.hole_bytes() > limits.max_hole_bytes) {
    bytes = ResourceExhausted("sparse files: more than " + std::to_string(limits.max_hole_bytes) +
                              " bytes of holes");
  }
  if (bytes) return bytes;
  if (after_end && bytes.error().code() == ErrorCode::kIntegrity) {
    done = true;  // an entry that no runtime unpacks may be cut short
    return Bytes();
  }
  failure = bytes.error();
  return bytes;
}

Result<std::optional<TarEntry>> TarReader::State::Next() {
  XZGATE_ASSIGN(const bool whole, content.Skip());
  if (!whole && !after_end) return Integrity("tar: the stream ends inside an entry");
  done = done || !whole;
  while (!done) {
    XZGATE_ASSIGN(const Bytes block, stream.NextBlock());
    if (block.size() < TarStream::kBlockBytes) {
      done = true;
      XZGATE_RETURN_IF_ERROR(OnEnd(block));
      break;
    }
    auto entry = OnBlock(block);
    any_block = true;
    if (!entry || *entry) return entry;
  }
  return std::nullopt;
}

Result<void> TarReader::State::OnEnd(Bytes rest) {
  if (after_end) {
    if (!IsZeroBlock(rest)) trailing += rest.size();
    return {};
  }
  if (!rest.empty() && !any_block) return Integrity("not a tar archive: shorter than a header");
  if (!rest.empty()) return Integrity("tar: the stream ends inside a header");
  if (extras.IsPending()) return Integrity("tar: the stream ends before a named entry");
  return {};
}

Result<std::optional<TarEntry>> TarReader::State::OnBlock(Bytes block) {
  if (IsZeroBlock(block)) {
    // Go stops at two zero blocks and refuses an archive that goes on after one: what follows is
    // out of every runtime's sight.
    after_end = true;
    unread_size = 0;
    extras = {};
    return std::nullopt;
  }
  if (!HasTarChecksum(block)) return OnNoHeader();
  unread_size = 0;
  auto entry = OnHeader(block);
  if (entry || !after_end || entry.error().code() != ErrorCode::kIntegrity) return entry;
  // Behind the end marker, what looks like a header and is none is garbage like the rest.
  trailing += TarStream::kBlockBytes;
  extras = {};
  content.Start(0);
  return std::nullopt;
}

Result<std::optional<TarEntry>> TarReader::State::OnNoHeader() {
  if (unread_size > 0) {
    // Some writers do store content behind a link or a directory, and this block is the first of
    // it.
    const std::uint64_t size = std::exchange(unread_size, 0);
    XZGATE_RETURN_IF_ERROR(stream.Skip(size + PaddingOf(size) - TarStream::kBlockBytes));
    return std::nullopt;
  }
  if (!any_block) return Integrity("not a tar archive: no header in the first block");
  if (!after_end) return Integrity("tar: a header's checksum does not match");
  trailing += TarStream::kBlockBytes;
  return std::nullopt;
}

Result<std::string> TarReader::State::ReadSpecial(std::uint64_t size) {
  if (size > limits.max_pax_bytes) {
    return ResourceExhausted("tar: an extended header of " + std::to_string(size) +
                             " bytes, want at most " + std::to_string(limits.max_pax_bytes));
  }
  content.Start(size);
  std::string body;
  while (true) {
    XZGATE_ASSIGN(const Bytes bytes, content.Next(TarStream::kBufferBytes));
    if (bytes.empty()) break;
    body += AsText(bytes);
  }
  XZGATE_RETURN_IF_ERROR(content.Skip());
  return body;
}

Result<std::optional<TarEntry>> TarReader::State::OnHeader(Bytes block) {
  XZGATE_ASSIGN(TarHeader header, ParseTarHeader(block));
  if (IsSpecialTarType(header.type)) {
    XZGATE_ASSIGN(const std::string body, ReadSpecial(header.size));
    XZGATE_RETURN_IF_ERROR(extras.Add(header.type, body, limits));
    return std::nullopt;
  }
  if (++entries > limits.max_entries) {
    return ResourceExhausted("tar: more than " + std::to_string(limits.max_entries) + " entries");
  }
  extras.Apply(header);
  TarEntry result;
  result.after_end = after_end;
  result.entry.type = ToEntryType(header.type);
  XZGATE_RETURN_IF_ERROR(StartContent(header, block, result));
  XZGATE_ASSIGN(result.entry.path, CleanPath(header.name, limits));
  if (result.entry.type == EntryType::kHardLink) {
    XZGATE_ASSIGN(result.entry.target, CleanPath(header.link, limits));
  } else if (result.entry.type == EntryType::kSymlink) {
    XZGATE_RETURN_IF_ERROR(CheckLinkTarget(header.link, limits));
    result.entry.target = std::move(header.link);
  }
  DecodeWhiteout(result.entry);
  if (result.entry.type != EntryType::kFile) result.size = 0;
  if (result.oddity.empty()) result.oddity = std::move(extras.oddity);
  extras = {};
  return result;
}

Result<void> TarReader::State::StartContent(const TarHeader& header, Bytes block, TarEntry& entry) {
  entry.size = header.size;
  if (IsHeaderOnly(header.type)) {
    content.Start(0);
    unread_size = header.size;
    if (unread_size > 0) entry.oddity = "a link, directory or device with a size";
    return {};
  }
  if (header.type == kTypeGnuSparse) {
    if (!header.is_gnu) return Integrity("tar: a sparse entry without GNU's magic");
    XZGATE_ASSIGN(SparseMap map, ReadOldGnuSparse(block, stream, entry.size, limits));
    XZGATE_RETURN_IF_ERROR(CheckSparseMap(map, entry.size, header.size));
    content.StartSparse(header.size, std::move(map), entry.size);
    return {};
  }
  if (IsPaxSparse(extras.pax)) return StartSparse(header, entry);
  if (!extras.pax.sparse_major.empty())
    entry.oddity = "an unknown sparse format, read as it is stored";
  content.Start(header.size);
  return {};
}

Result<void> TarReader::State::StartSparse(const TarHeader& header, TarEntry& entry) {
  const PaxFields& pax = extras.pax;
  std::uint64_t stored = header.size;
  SparseMap map;
  if (pax.sparse_major == "1") {
    XZGATE_ASSIGN(map, ReadSparseBlocks(stream, stored, limits));
  } else {
    XZGATE_ASSIGN(map, ParseSparseText(pax.sparse_map, limits));
    if (pax.sparse_blocks && *pax.sparse_blocks != map.size()) {
      return Integrity("sparse file: " + std::to_string(map.size()) + " regions in the map, " +
                       std::to_string(*pax.sparse_blocks) + " announced");
    }
  }
  entry.size = pax.sparse_size.value_or(header.size);
  XZGATE_RETURN_IF_ERROR(CheckSparseMap(map, entry.size, stored));
  content.StartSparse(stored, std::move(map), entry.size);
  return {};
}

}  // namespace xzgate::layer
