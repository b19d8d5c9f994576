#include "scanner/signature/expression_anchors.h"

namespace xzgate::signature {
namespace {

// Where an expression stands in brackets, a class or an escape.
class Scan {
 public:
  // Whether the next character, `c`, means what it is outside of all of them.
  bool IsTopLevel(char c) {
    if (is_escaped_) return is_escaped_ = false;
    if (c == '\\') {
      is_escaped_ = true;
      is_first_ = false;
      return false;
    }
    if (in_class_) {
      // A bracket that comes first, as in "[]a]" and "[^]a]", is one of the class.
      in_class_ = c != ']' || is_first_;
      is_first_ = is_first_ && c == '^';
      return false;
    }
    if (c == '[') in_class_ = is_first_ = true;
    if (c == '(') ++depth_;
    if (c == ')') --depth_;
    return depth_ == 0 && !in_class_;
  }
  bool is_escaped() const { return is_escaped_; }

 private:
  bool is_escaped_ = false;
  bool in_class_ = false;
  bool is_first_ = false;  // of a class
  int depth_ = 0;
};

struct Ends {
  bool begins = false;
  bool ends = false;
  bool has_alternatives = false;  // outside of brackets
};

// Flags that apply to all that follows, as in "(?i)^a$"; "" when there are none.
std::string_view LeadingFlags(std::string_view text) {
  if (!text.starts_with("(?")) return {};
  const auto end = text.find_first_not_of("imsU-", 2);
  return end != text.npos && text[end] == ')' ? text.substr(0, end + 1) : std::string_view();
}

Ends EndsOf(std::string_view text) {
  text.remove_prefix(LeadingFlags(text).size());
  Ends ends{.begins = text.starts_with('^') || text.starts_with("\\A")};
  Scan scan;
  bool was_escaped = false;  // the character before the last
  for (std::size_t i = 0; i < text.size(); ++i) {
    was_escaped = scan.is_escaped();
    const bool is_top = scan.IsTopLevel(text[i]);
    if (is_top && text[i] == '|') ends.has_alternatives = true;
    if (i + 1 == text.size())
      ends.ends = (is_top && text[i] == '$') || (was_escaped && text[i] == 'z');
  }
  return ends;
}

}  // namespace

Anchors AnchorsOf(std::string_view expression) {
  const Ends ends = EndsOf(expression);
  if (!ends.begins && !ends.ends) return Anchors::kNone;
  return ends.begins && ends.ends && !ends.has_alternatives ? Anchors::kBoth : Anchors::kSome;
}

std::string WithAnchors(std::string_view expression) {
  const Ends ends = EndsOf(expression);
  const std::string_view flags = LeadingFlags(expression);
  std::string_view text = expression.substr(flags.size());
  if (ends.begins) text.remove_prefix(text.front() == '^' ? 1 : 2);
  if (ends.ends) text.remove_suffix(text.back() == '$' ? 1 : 2);
  const bool groups = ends.has_alternatives;
  return std::string(flags) + (groups ? "^(?:" : "^") + std::string(text) + (groups ? ")$" : "$");
}

}  // namespace xzgate::signature
