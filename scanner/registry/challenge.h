#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace xzgate::registry {

inline constexpr std::size_t kMaxChallengeBytes =
    8 * 1024;  // one header; the head of an answer has 64 KiB (hardening.md 8.3)
inline constexpr std::size_t kMaxChallenges = 16;
inline constexpr std::size_t kMaxChallengeParams = 16;

// One way in which a server says it can be asked again (RFC 9110, section 11.3). A value.
struct Challenge {
  std::string scheme;                                       // lower case: "bearer", "basic"
  std::string token68;                                      // empty where parameters stand
  std::vector<std::pair<std::string, std::string>> params;  // names in lower case, quotes taken off

  // The parameter of that lower-case name.
  std::optional<std::string_view> Find(std::string_view name) const;

  bool operator==(const Challenge&) const = default;
};

// Reads the value of one WWW-Authenticate header, which may hold several challenges (RFC 9110,
// section 11.6.1). Errors: kInvalidArgument (grammar, a parameter twice, control bytes),
// kResourceExhausted (a limit above).
Result<std::vector<Challenge>> ParseChallenges(std::string_view header);

}  // namespace xzgate::registry
