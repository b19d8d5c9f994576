#include <vector>

#include "base/json/reader.h"

namespace xzgate::json {
namespace {

// Builds the tree that the events tell. A parent is not touched while a child is open, so the
// pointers in `open_` hold.
class TreeBuilder final : public Events {
 public:
  bool StartObject() override { return Open(Object()); }
  bool Key(std::string_view key) override {
    key_ = key;
    return true;
  }
  bool EndObject() override { return Close(); }
  bool StartArray() override { return Open(Array()); }
  bool EndArray() override { return Close(); }
  bool String(std::string_view text) override { return Add(Value(text)); }
  bool Integer(std::int64_t n) override { return Add(Value(n)); }
  bool Unsigned(std::uint64_t n) override { return Add(Value(n)); }
  bool Double(double n) override { return Add(Value(n)); }
  bool Bool(bool b) override { return Add(Value(b)); }
  bool Null() override { return Add(Value()); }

  Value TakeRoot() { return std::move(root_); }

 private:
  Value& Place(Value value) {
    if (open_.empty()) return root_ = std::move(value);
    if (Array* array = open_.back()->AsArray()) return array->emplace_back(std::move(value));
    return open_.back()->AsObject()->emplace_back(std::move(key_), std::move(value)).second;
  }

  bool Add(Value value) {
    Place(std::move(value));
    return true;
  }

  bool Open(Value container) {
    open_.push_back(&Place(std::move(container)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  Value root_;
  std::vector<Value*> open_;
  std::string key_;
};

}  // namespace

Result<Value> Parse(std::string_view text, const Limits& limits, std::string_view what) {
  TreeBuilder builder;
  if (const auto scanned = Scan(text, limits, builder); !scanned) {
    return Annotate(scanned.error(), what);
  }
  return builder.TakeRoot();
}

}  // namespace xzgate::json
