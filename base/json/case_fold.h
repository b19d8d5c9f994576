#pragma once

#include <string>
#include <string_view>

namespace xzgate::json {

// `key` as a reader that ignores case sees it: ASCII letters in lower case, and the two letters
// outside ASCII that Go's encoding/json folds onto ASCII ones (U+017F to "s", U+212A to "k"), so
// that "layer\u017F" is found to be "layers".
std::string FoldCase(std::string_view key);

}  // namespace xzgate::json
