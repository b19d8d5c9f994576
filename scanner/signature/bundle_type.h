#pragma once

#include <string_view>

namespace xzgate::signature {

// Whether a media type is a Sigstore bundle's, of whatever version: one that we do not know is to
// be reported, not passed over (client-spec.md, section 5).
inline bool IsBundleType(std::string_view media_type) {
  return media_type.starts_with("application/vnd.dev.sigstore.bundle");
}

}  // namespace xzgate::signature
