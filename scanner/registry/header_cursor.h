#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xzgate::registry {

// Walks over the value of a header by the rules of RFC 9110, section 5.6. Confined to one thread;
// borrows the text.
class HeaderCursor {
 public:
  explicit HeaderCursor(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  void Skip(std::size_t count) { rest_.remove_prefix(count); }

  // Whether `c` was next; it is passed then.
  bool Take(char c);
  // Spaces and tabs; whether there was one.
  bool TakeSpace();
  // A token (section 5.6.2); empty if there is none.
  std::string_view TakeToken();
  // A quoted string with its quotes and backslashes taken off (section 5.6.4); absent if it is none
  // or holds a control byte.
  std::optional<std::string> TakeQuoted();
  // A token or a quoted string.
  std::optional<std::string> TakeValue();

 private:
  std::string_view rest_;
};

}  // namespace xzgate::registry
