#include "scanner/signature/expression_advice.h"

namespace xzgate::signature {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Whether the dot at `at` most likely is meant as one.
bool IsDotOfName(std::string_view text, std::size_t at) {
  return at > 0 && at + 1 < text.size() && IsNameCharacter(text[at + 1]) &&
         (IsNameCharacter(text[at - 1]) || text[at - 1] == '/');
}

}  // namespace

std::string WithDotsEscaped(std::string_view expression) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      out += {c, expression[++i]};
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == '.' && !in_class && IsDotOfName(expression, i)) {
      out += "[.]";
    } else {
      out += c;
    }
  }
  return out;
}

std::string EverythingBelow(std::string_view plain) {
  std::string text;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool is_escaped = plain[i] == '\\' && i + 1 < plain.size();
    if (is_escaped) ++i;
    if (plain[i] == '.') {
      text += "[.]";
    } else if (is_escaped && std::string_view("/:-@_").find(plain[i]) == std::string_view::npos) {
      text += {'\\', plain[i]};
    } else {
      text += plain[i];
    }
  }
  const auto scheme = text.find("://");
  const auto slash = text.find('/', scheme == text.npos ? 0 : scheme + 3);
  const bool has_host = scheme != text.npos || text.substr(0, slash).find("[.]") != text.npos;
  if (slash == text.npos || !has_host || text.find('@') != text.npos) return {};
  if (scheme == text.npos) text.insert(0, "https://");
  return text + (text.ends_with('/') ? ".*" : "/.*");
}

}  // namespace xzgate::signature
