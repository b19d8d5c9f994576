#include "base/json/case_fold.h"

#include "base/text.h"

namespace xzgate::json {
namespace {

constexpr std::string_view kLongS = "\xC5\xBF";           // U+017F
constexpr std::string_view kKelvinSign = "\xE2\x84\xAA";  // U+212A

}  // namespace

std::string FoldCase(std::string_view key) {
  std::string folded = ToLower(key);
  if (folded.find_first_of("\xC5\xE2") == folded.npos) return folded;
  for (const auto& [letter, ascii] : {std::pair(kLongS, 's'), std::pair(kKelvinSign, 'k')}) {
    for (auto at = folded.find(letter); at != folded.npos; at = folded.find(letter, at)) {
      folded.replace(at, letter.size(), 1, ascii);
    }
  }
  return folded;
}

}  // namespace xzgate::json
