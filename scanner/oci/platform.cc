#include "scanner/oci/platform.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::oci {
namespace {

constexpr std::size_t kMaxPartBytes = 64;

bool IsPart(std::string_view part) {
  return !part.empty() && part.size() <= kMaxPartBytes &&
         std::all_of(part.begin(), part.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

// What the Go world leaves out: "arm64" is "arm64/v8", "arm" is "arm/v7" (containerd, platforms).
std::string_view EffectiveVariant(const Platform& platform) {
  if (!platform.variant.empty()) return platform.variant;
  if (platform.architecture == "arm64") return "v8";
  if (platform.architecture == "arm") return "v7";
  return {};
}

std::string OrUnknown(const std::string& part) {
  return part.empty() ? "unknown" : part;
}

}  // namespace

Result<Platform> Platform::Parse(std::string_view text) {
  const auto parts = Split(text, '/');
  if (parts.size() < 2 || parts.size() > 3 || !std::all_of(parts.begin(), parts.end(), IsPart)) {
    return InvalidArgument("platform " + Quote(text) +
                           R"(: want OS/ARCH or OS/ARCH/VARIANT, as "linux/amd64")");
  }
  return Platform{.os = std::string(parts[0]),
                  .architecture = std::string(parts[1]),
                  .variant = parts.size() == 3 ? std::string(parts[2]) : std::string()};
}

std::string Platform::ToString() const {
  std::string text = OrUnknown(os) + "/" + OrUnknown(architecture);
  if (!variant.empty()) text += "/" + variant;
  return text;
}

bool Platform::Satisfies(const Platform& wanted) const {
  return os == wanted.os && architecture == wanted.architecture &&
         (wanted.variant.empty() || EffectiveVariant(*this) == EffectiveVariant(wanted));
}

}  // namespace xzgate::oci
