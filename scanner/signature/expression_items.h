#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace xzgate::signature {

// What stands for one place of the text.
struct Item {
  std::optional<char> literal = {};
  std::optional<std::string_view> group = {};  // what is between its brackets
  bool takes_slash = true;                     // of neither: whether it may match one
  bool is_bare_dot = false;                    // a literal '.' that matches anything else too
  bool is_optional = false;
  bool repeats = false;
};

// Reads an expression item by item. Escapes, classes and groups are understood as far as they can
// stand in a host; what is not stands for anything. Confined to one thread; borrows the text.
class Items {
 public:
  explicit Items(std::string_view text) : text_(text) {}

  bool AtEnd() const { return text_.empty(); }
  // Whether an alternative begins here; steps over the bar.
  bool TakeBar();
  // Absent for what takes no place: anchors and flags. Not at the end.
  std::optional<Item> Next();

 private:
  std::optional<Item> One();
  std::optional<Item> Escaped();
  Item Class();
  std::size_t EndOfClass() const;
  std::optional<Item> Group();
  std::size_t EndOfGroup() const;
  void Quantify(Item& item);

  std::string_view text_;
};

}  // namespace xzgate::signature
