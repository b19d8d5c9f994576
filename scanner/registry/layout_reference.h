#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::registry {

// "oci:DIR" or "oci:DIR:TAG": an OCI layout on disk. The directory ends at the first colon, as for
// skopeo; TAG may be a whole name
// ("reg.example/api:1.4"). A value.
struct LayoutReference {
  std::string directory;
  std::optional<std::string> tag;

  // Whether `text` means a layout ("oci:..."), well-formed or not.
  static bool IsLayout(std::string_view text) { return text.starts_with("oci:"); }

  // Errors: kInvalidArgument.
  static Result<LayoutReference> Parse(std::string_view text);
  std::string ToString() const;

  auto operator<=>(const LayoutReference&) const = default;
};

}  // namespace xzgate::registry
