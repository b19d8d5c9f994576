#include "scanner/layer/tar_name.h"

#include <vector>

namespace xzgate::layer {

namespace {

constexpr std::string_view kWhiteoutPrefix = ".wh.";
constexpr std::string_view kAufsPrefix = ".wh..wh.";
constexpr std::string_view kOpaqueMarker = ".wh..wh..opq";

std::vector<std::string_view> CleanParts(std::string_view raw) {
  std::vector<std::string_view> parts;
  while (!raw.empty()) {
    const auto slash = raw.find('/');
    const std::string_view part = raw.substr(0, slash);
    raw.remove_prefix(slash == raw.npos ? raw.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return parts;
}

std::string JoinParts(const std::vector<std::string_view>& parts) {
  std::string path;
  for (const std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

}  // namespace

std::string CleanPath(std::string_view raw) {
  return JoinParts(CleanParts(raw));
}

Result<std::string> CleanPath(std::string_view raw, const TarLimits& limits) {
  const auto parts = CleanParts(raw);
  if (parts.size() > limits.max_path_parts) {
    return ResourceExhausted("tar entry: a path of more than " +
                             std::to_string(limits.max_path_parts) + " parts");
  }
  std::string path = JoinParts(parts);
  if (path.size() > limits.max_path_bytes) {
    return ResourceExhausted("tar entry: a path of more than " +
                             std::to_string(limits.max_path_bytes) + " bytes");
  }
  return path;
}

Result<void> CheckLinkTarget(std::string_view target, const TarLimits& limits) {
  if (target.size() <= limits.max_path_bytes) return {};
  return ResourceExhausted("tar entry: a link target of more than " +
                           std::to_string(limits.max_path_bytes) + " bytes");
}

void DecodeWhiteout(Entry& entry) {
  const std::size_t base_at = entry.path.rfind('/') + 1;  // npos + 1 is 0
  const std::string_view base = std::string_view(entry.path).substr(base_at);
  if (!base.starts_with(kWhiteoutPrefix)) return;
  const std::string_view removed = base.substr(kWhiteoutPrefix.size());
  entry.target.clear();
  if (base == kOpaqueMarker) {
    entry.type = EntryType::kOpaque;
    entry.path.resize(base_at == 0 ? 0 : base_at - 1);
  } else if (base.starts_with(kAufsPrefix) || removed.empty() || removed == "." ||
             removed == "..") {
    entry.type = EntryType::kOther;
  } else {
    entry.type = EntryType::kWhiteout;
    entry.path.erase(base_at, kWhiteoutPrefix.size());
  }
}

}  // namespace xzgate::layer
