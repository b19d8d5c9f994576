#include "scanner/registry/layout_reference.h"

#include "base/text.h"

namespace xzgate::registry {
namespace {

constexpr std::string_view kPrefix = "oci:";

}  // namespace

Result<LayoutReference> LayoutReference::Parse(std::string_view text) {
  const std::string where = "OCI layout " + Quote(text) + ": ";
  if (!IsLayout(text)) return InvalidArgument(where + "want oci:DIR or oci:DIR:TAG");
  if (text.find('\0') != text.npos) return InvalidArgument(where + "zero byte");
  const std::string_view rest = text.substr(kPrefix.size());
  const auto colon = rest.find(':');
  LayoutReference reference{.directory = std::string(rest.substr(0, colon)), .tag = {}};
  if (reference.directory.empty()) return InvalidArgument(where + "want a directory");
  if (colon != rest.npos) {
    reference.tag = std::string(rest.substr(colon + 1));
    if (reference.tag->empty()) return InvalidArgument(where + "want a tag after the last colon");
  }
  return reference;
}

std::string LayoutReference::ToString() const {
  return std::string(kPrefix) + directory + (tag ? ":" + *tag : "");
}

}  // namespace xzgate::registry
