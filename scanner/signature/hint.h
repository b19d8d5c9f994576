#pragma once

#include <string>
#include <string_view>

#include "scanner/oci/manifest.h"
#include "scanner/signature/candidates.h"

namespace xzgate::signature {

// What an annotation claims; "" when there is none, or one above kMaxHintBytes.
inline std::string HintOf(const oci::Descriptor& descriptor, std::string_view key) {
  for (const auto& [name, value] : descriptor.annotations) {
    if (name == key && value.size() <= kMaxHintBytes) return value;
  }
  return {};
}

}  // namespace xzgate::signature
