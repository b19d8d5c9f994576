// What an API server sends on a watch: lines come out the same however the bytes are cut, a change
// always has a place to go on from, and messages can be shown.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "webhook/kube/change_stream.h"
#include "webhook/kube/status.h"

namespace {

using xzgate::kube::Change;

void Check(bool holds) {
  if (!holds) std::abort();
}

constexpr std::size_t kMaxLine = 200;

// The lines of a text, and the code of the error at its end, if there is one.
std::pair<std::vector<std::string>, std::optional<xzgate::ErrorCode>> Lines(std::string_view text,
                                                                            std::size_t chunk) {
  xzgate::kube::LineReader reader(std::make_unique<xzgate::MemorySource>(std::string(text), chunk),
                                  kMaxLine);
  std::vector<std::string> lines;
  while (true) {
    const auto line = reader.Next();
    if (!line) return {lines, line.error().code()};
    if (!*line) return {lines, std::nullopt};
    Check((*line)->size() <= kMaxLine && !(*line)->contains('\n'));
    lines.emplace_back(**line);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(Lines(text, 1) == Lines(text, 7) && Lines(text, 7) == Lines(text, SIZE_MAX));

  xzgate::kube::BodyChangeStream stream(
      std::make_unique<xzgate::MemorySource>(std::string(text), 64), xzgate::kube::Pods());
  while (true) {
    const auto change = stream.Next();
    if (!change) {
      Check(xzgate::IsValidUtf8(change.error().message()));
      break;
    }
    if (!*change) break;
    Check(!(*change)->resource_version.empty());
    Check((*change)->object.AsObject() != nullptr);
  }

  const auto status = xzgate::kube::ParseStatus(text);
  Check(status.code == 0 || (status.code >= 100 && status.code <= 599));
  const auto error = xzgate::kube::ToError(
      422, status, {.verb = "update", .resource = xzgate::kube::Secrets(), .ns = "a", .name = "b"});
  Check(error.message().size() < 1024 && xzgate::IsValidUtf8(error.message()));
  return 0;
}
