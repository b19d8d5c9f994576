#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xzgate::signature {

// How an expression is held to the ends of a text. The one place that judges it.
enum class Anchors : std::uint8_t {
  kNone,
  kSome,  // one end, or of alternatives ("^a|b$") one end each: whoever writes it means something
          // else
  kBoth,
};
// Of an RE2 expression: flags before it, classes, groups and escapes are understood; quotations
// (\Q...\E) are not, and may make kSome of it. Pure.
Anchors AnchorsOf(std::string_view expression);

// The same expression with both: "^x$", "^(?:a|b)$".
std::string WithAnchors(std::string_view expression);

}  // namespace xzgate::signature
