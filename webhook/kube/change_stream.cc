#include "webhook/kube/change_stream.h"

#include <utility>

#include "base/json/reader.h"
#include "base/text.h"
#include "webhook/kube/status.h"

namespace xzgate::kube {
namespace {

constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr json::Limits kLineLimits{.max_bytes = kMaxWatchLineBytes,
                                   .max_depth = kObjectLimits.max_depth + 1,
                                   .max_values = kObjectLimits.max_values};

std::optional<Change::Kind> KindOf(std::string_view type) {
  if (type == "ADDED") return Change::Kind::kAdded;
  if (type == "MODIFIED") return Change::Kind::kModified;
  if (type == "DELETED") return Change::Kind::kDeleted;
  if (type == "BOOKMARK") return Change::Kind::kBookmark;
  return std::nullopt;
}

}  // namespace

Result<Change> ParseWatchLine(std::string_view line, const Listable& resource) {
  const Call call{.verb = "watch", .resource = resource};
  auto parsed = json::Parse(line, kLineLimits, "event of a watch");
  if (!parsed) return Annotate(parsed.error(), call.ToString());
  const std::string type = TextOr(*parsed, "type");
  json::Value object;
  if (json::Object* members = parsed->AsObject()) {
    for (auto& [key, value] : *members) {
      if (key == "object") object = std::move(value);
    }
  }
  if (object.AsObject() == nullptr) {
    return InvalidArgument(call.ToString() + ": event of type " + Quote(type, 64) +
                           " without an object");
  }
  if (type == "ERROR") {
    const Status status = ParseStatus(json::Encode(object));
    return std::unexpected(ToError(status.code == 0 ? 500 : status.code, status, call));
  }
  const auto kind = KindOf(type);
  if (!kind) return Unsupported(call.ToString() + ": event of type " + Quote(type, 64));
  std::string version = ResourceVersionOf(object);
  if (version.empty()) {
    return InvalidArgument(call.ToString() + ": event of type " + Quote(type, 64) +
                           " without metadata.resourceVersion");
  }
  return Change{.kind = *kind, .object = std::move(object), .resource_version = std::move(version)};
}

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::size_t max_line_bytes)
    : source_(std::move(source)), max_line_bytes_(max_line_bytes), chunk_(kChunkBytes) {}

Result<std::optional<std::string_view>> LineReader::Next() {
  while (true) {
    const auto end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      const std::string_view line(buffer_.data() + at_, end - at_);
      at_ = searched_ = end + 1;
      if (line.size() > max_line_bytes_) break;
      return line;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    searched_ = buffer_.size();
    if (buffer_.size() > max_line_bytes_) break;
    XZGATE_ASSIGN(const std::size_t count, source_->Read(chunk_));
    if (count == 0) {
      if (buffer_.empty()) return std::nullopt;
      return Unavailable("the stream ended in the middle of a line");
    }
    buffer_.append(AsText(Bytes(chunk_.data(), count)));
  }
  return ResourceExhausted("a line has more than " + std::to_string(max_line_bytes_) + " bytes");
}

Result<std::optional<Change>> BodyChangeStream::Next() {
  while (true) {
    auto line = lines_.Next();
    if (!line) return Annotate(line.error(), "watch " + resource_.ToString());
    if (!*line) return std::nullopt;
    if (Trim(**line).empty()) continue;
    XZGATE_ASSIGN(Change change, ParseWatchLine(**line, resource_));
    return change;
  }
}

}  // namespace xzgate::kube
