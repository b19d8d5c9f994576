#pragma once

#include <string>
#include <string_view>

#include "scanner/oci/manifest.h"
#include "scanner/signature/candidates.h"

namespace xzgate::signature {

// What an annotation claims; "" when there is none, or one above kMaxHintBytes.
inline std::string HintOf(const oci::Descriptor& descriptor, std::string_view key) {
  const std::string_view value = descriptor.FindAnnotation(key).value_or("");
  return value.size() <= kMaxHintBytes ? std::string(value) : std::string();
}

}  // namespace xzgate::signature
