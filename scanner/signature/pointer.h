#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"

namespace xzgate::signature {

inline constexpr std::size_t kMaxPointerBytes = 1024;
inline constexpr std::size_t kMaxPointerSegments = 32;  // no document is deeper
inline constexpr std::size_t kMaxSelected = 100'000;    // values that one pointer may reach

// A JSON pointer (RFC 6901) in which a segment "*" stands for every element of an array or every
// member of an object. Errors: kInvalidArgument: it is none.
Result<void> CheckPointer(std::string_view pointer);

// What a pointer leads to. Borrows the document.
struct Selected {
  std::vector<const json::Value*> values;
  // Elements under a "*" that have nothing where the rest of the pointer leads.
  std::size_t lacking = 0;
};

// Follows `pointer` through `document`. What stands before the first "*" has to be there, and each
// "*" stands at an array or object; behind one, a list that is missing or null counts as empty
// (writers leave empty ones out). Without "*" there is exactly one value. Errors:
// kPermissionDenied, saying what is missing or of another shape; kResourceExhausted.
Result<Selected> Select(std::string_view pointer, const json::Value& document);

}  // namespace xzgate::signature
