#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xzgate {

// Steps of a path into a document, as people write them: `.containers`, `[2]`,
// `["app.kubernetes.io/name"]`. Pure; thread-safe.

// How much of one name a path repeats.
inline constexpr std::size_t kMaxNameInPath = 64;

// `.name` when the name is letters, digits, '_' and '-', else `["name"]` with its bytes escaped.
std::string FieldStep(std::string_view name);

// `[index]`.
std::string IndexStep(std::size_t index);

}  // namespace xzgate
