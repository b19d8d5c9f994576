#include "scanner/signature/expression_items.h"

namespace xzgate::signature {
namespace {

// Of what is in a class: itself, or in a range.
bool TakesSlash(std::string_view inside) {
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '/') return true;
    const bool is_range = inside[i] == '-' && i > 0 && i + 1 < inside.size();
    if (is_range && inside[i - 1] <= '/' && '/' <= inside[i + 1]) return true;
  }
  return false;
}

}  // namespace

bool Items::TakeBar() {
  if (!text_.starts_with('|')) return false;
  text_.remove_prefix(1);
  return true;
}

std::optional<Item> Items::Next() {
  std::optional<Item> item = One();
  if (item) Quantify(*item);
  return item;
}

std::optional<Item> Items::One() {
  const char c = text_.front();
  text_.remove_prefix(1);
  switch (c) {
    case '^':
    case '$':
      return std::nullopt;
    case '\\':
      return Escaped();
    case '[':
      return Class();
    case '(':
      return Group();
    case '.':
      // Without an operator it most likely is meant as a dot, and takes the place of one.
      if (!text_.empty() && std::string_view("*+?{").find(text_[0]) != std::string_view::npos)
        return Item{};
      return Item{.literal = '.', .is_bare_dot = true};
    default:
      return Item{.literal = c};
  }
}

std::optional<Item> Items::Escaped() {
  if (text_.empty()) return Item{};
  const char c = text_.front();
  text_.remove_prefix(1);
  if (c == 'A' || c == 'z' || c == 'b' || c == 'B') return std::nullopt;
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_digit = c >= '0' && c <= '9';
  if (!is_letter && !is_digit) return Item{.literal = c};
  return Item{.takes_slash = c != 'd' && c != 'w' && c != 's'};
}

Item Items::Class() {
  const bool is_negated = text_.starts_with('^');
  if (is_negated) text_.remove_prefix(1);
  std::size_t end = text_.find(']', 1);
  const std::string_view inside = text_.substr(0, end);
  // Classes in classes, and escapes of them, stand for anything.
  const bool is_simple = inside.find_first_of("[\\") == inside.npos;
  if (!is_simple) end = EndOfClass();
  text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
  if (!is_simple) return Item{};
  if (is_negated) return Item{.takes_slash = inside.find('/') == inside.npos};
  if (inside.size() == 1) return Item{.literal = inside[0]};
  return Item{.takes_slash = TakesSlash(inside)};
}

std::size_t Items::EndOfClass() const {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_.substr(i).starts_with("[:")) {
      const auto close = text_.find(":]", i + 2);
      if (close == text_.npos) return close;
      i = close + 1;
    } else if (text_[i] == ']' && i > 0) {
      return i;
    }
  }
  return text_.npos;
}

std::optional<Item> Items::Group() {
  const std::size_t end = EndOfGroup();
  std::string_view inside = text_.substr(0, end);
  text_.remove_prefix(end == text_.npos ? text_.size() : end + 1);
  if (!inside.starts_with('?')) return Item{.group = inside};
  const auto name = inside.find_first_of(":>");  // "?:", "?i:", "?P<name>"
  if (name == inside.npos) return std::nullopt;  // "?i"
  return Item{.group = inside.substr(name + 1)};
}

std::size_t Items::EndOfGroup() const {
  std::size_t depth = 1;
  bool in_class = false;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (in_class) {
      in_class = text_[i] != ']';
    } else if (text_[i] == '[') {
      in_class = true;
      if (text_.substr(i + 1).starts_with('^')) ++i;
      ++i;  // a bracket that comes first is one of the class
    } else if (text_[i] == '(') {
      ++depth;
    } else if (text_[i] == ')' && --depth == 0) {
      return i;
    }
  }
  return text_.npos;
}

void Items::Quantify(Item& item) {
  while (!text_.empty() && std::string_view("*+?{").find(text_[0]) != std::string_view::npos) {
    const char c = text_.front();
    const auto end = c == '{' ? text_.find('}') : 0;
    if (end == text_.npos) return;
    text_.remove_prefix(end + 1);
    if (c == '?' && !item.repeats) item.is_optional = true;
    if (c != '?') item.repeats = true;
  }
}

}  // namespace xzgate::signature
