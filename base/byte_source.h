#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate {

using Bytes = std::span<const std::uint8_t>;

// A stream of bytes that is read once, front to back. Confined to one thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills the front of `into` (not empty) and returns how many bytes came: at least 1, or 0 at the
  // end of the stream, and 0 again after it. After an error every further call fails. May block;
  // the implementation knows its deadline.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> into) = 0;
};

// Serves bytes in memory, at most `chunk` of them a call (tests use small chunks). Owns its bytes.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes, std::size_t chunk = SIZE_MAX);
  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  std::string bytes_;
  std::size_t chunk_;
  std::size_t at_ = 0;
};

// Reads a file. Errors at Open: kNotFound, kPermissionDenied, kInvalidArgument (not a regular
// file).
class FileSource final : public ByteSource {
 public:
  static Result<std::unique_ptr<FileSource>> Open(const std::string& path);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  Result<std::size_t> Read(std::span<std::uint8_t> into) override;
  std::uint64_t size() const { return size_; }

 private:
  FileSource(int fd, std::string path, std::uint64_t size)
      : fd_(fd), path_(std::move(path)), size_(size) {}
  int fd_;
  std::string path_;
  std::uint64_t size_;
};

// Reads to the end. Errors: kResourceExhausted naming `what` when there are more than `max_bytes`;
// errors of the source.
Result<std::string> ReadAll(ByteSource& source, std::size_t max_bytes, std::string_view what);

// The whole of a file that we or the operator wrote (configuration, certificates). Errors as
// FileSource::Open and ReadAll.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes);

inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace xzgate
