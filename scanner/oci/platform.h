#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::oci {

// What an image runs on (OCI image-spec, image-index.md, "platform"). A value; empty members are
// unknown.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;

  // "linux/amd64", "linux/arm/v7". Errors: kInvalidArgument.
  static Result<Platform> Parse(std::string_view text);
  std::string ToString() const;

  bool IsLinux() const { return os == "linux"; }
  // Whether this platform satisfies `wanted`; a variant that `wanted` leaves empty matches any.
  bool Satisfies(const Platform& wanted) const;

  auto operator<=>(const Platform&) const = default;
};

}  // namespace xzgate::oci
