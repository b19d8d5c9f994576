#include "base/field_path.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate {
namespace {

bool IsPlainName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

std::string FieldStep(std::string_view name) {
  if (IsPlainName(name)) return '.' + Truncate(name, kMaxNameInPath);
  return '[' + Quote(name, kMaxNameInPath) + ']';
}

std::string IndexStep(std::size_t index) {
  return '[' + std::to_string(index) + ']';
}

}  // namespace xzgate
