#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/json/value.h"
#include "base/result.h"
#include "webhook/kube/object.h"
#include "webhook/kube/resource.h"

namespace xzgate::kube {

// One line of a watch: an object with a few bytes around it.
inline constexpr std::size_t kMaxWatchLineBytes = kMaxObjectBytes + 1024;

// One thing that happened to an object of a watch. A value.
struct Change {
  enum class Kind : std::uint8_t {
    kAdded,
    kModified,
    kDeleted,
    kBookmark,  // nothing happened; the object has only a resource version, to go on from
  };
  Kind kind = Kind::kBookmark;
  json::Value object;
  std::string resource_version;  // of the object, never empty
};

// Reads one line of a watch (meta/v1 WatchEvent). Pure. Errors: what an ERROR line says, as ToError
// has it (410: kUnavailable of ErrorKind::kExpired); kInvalidArgument, kResourceExhausted for a
// line that is no event; kUnsupported for a type that we do not know.
Result<Change> ParseWatchLine(std::string_view line, const Listable& resource);

// Changes in the order in which they happened. Confined to one thread.
class ChangeStream {
 public:
  virtual ~ChangeStream() = default;
  // The next one, which is waited for; absent at the orderly end of the stream. After an error or
  // the end, not to be called again. Errors: as ParseWatchLine; kUnavailable for a stream that
  // broke off, also in the middle of a line; kDeadlineExceeded.
  virtual Result<std::optional<Change>> Next() = 0;
};

// The lines of a stream, each without its end. Confined to one thread; owns the stream.
class LineReader {
 public:
  LineReader(std::unique_ptr<ByteSource> source, std::size_t max_line_bytes);

  // The next line, good until the next call; absent at the end of the stream. Errors: those of the
  // source; kUnavailable for an end within a line; kResourceExhausted.
  Result<std::optional<std::string_view>> Next();

 private:
  std::unique_ptr<ByteSource> source_;
  const std::size_t max_line_bytes_;
  std::vector<std::uint8_t> chunk_;
  std::string buffer_;  // bytes from at_ on are not given out yet
  std::size_t at_ = 0;
  std::size_t searched_ = 0;  // no line end before this
};

// A ChangeStream over the body of an answer.
class BodyChangeStream final : public ChangeStream {
 public:
  BodyChangeStream(std::unique_ptr<ByteSource> body, Listable resource)
      : lines_(std::move(body), kMaxWatchLineBytes), resource_(std::move(resource)) {}
  Result<std::optional<Change>> Next() override;

 private:
  LineReader lines_;
  const Listable resource_;
};

}  // namespace xzgate::kube
