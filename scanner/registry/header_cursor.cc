#include "scanner/registry/header_cursor.h"

#include <algorithm>

#include "base/http/field_syntax.h"

namespace xzgate::registry {

bool HeaderCursor::Take(char c) {
  if (!rest_.starts_with(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool HeaderCursor::TakeSpace() {
  const std::size_t before = rest_.size();
  while (Take(' ') || Take('\t')) {
  }
  return rest_.size() != before;
}

std::string_view HeaderCursor::TakeToken() {
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), http::IsHttpTokenCharacter);
  const auto token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
  rest_.remove_prefix(token.size());
  return token;
}

std::optional<std::string> HeaderCursor::TakeQuoted() {
  if (!Take('"')) return std::nullopt;
  std::string text;
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return text;
    if (c == '\\') {
      if (rest_.empty() || !http::IsHttpFieldCharacter(rest_.front())) return std::nullopt;
      text += rest_.front();
      rest_.remove_prefix(1);
    } else if (!http::IsHttpFieldCharacter(c)) {
      return std::nullopt;
    } else {
      text += c;
    }
  }
  return std::nullopt;
}

std::optional<std::string> HeaderCursor::TakeValue() {
  if (Peek() == '"') return TakeQuoted();
  const std::string_view token = TakeToken();
  if (token.empty()) return std::nullopt;
  return std::string(token);
}

}  // namespace xzgate::registry
