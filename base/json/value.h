#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace xzgate::json {

class Value;
using Array = std::vector<Value>;
// Keys in the order they came (or were added): an encoded document reads as it was written.
// Look-ups are linear; documents are bounded by the reader's limits.
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;

// One JSON value. A value type; thread-compatible. Integers are exact: a number without fraction
// that fits neither int64 nor uint64 is refused by the reader, never rounded.
class Value {
 public:
  Value() = default;  // null
  // NOLINTBEGIN(google-explicit-constructor): a literal is a value
  Value(bool b) : data_(b) {}
  Value(int n) : data_(static_cast<std::int64_t>(n)) {}
  Value(unsigned n) : data_(static_cast<std::int64_t>(n)) {}
  Value(std::int64_t n) : data_(n) {}
  Value(std::uint64_t n);  // kept as int64 where it fits
  Value(double n) : data_(n) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}
  // NOLINTEND(google-explicit-constructor)

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* AsBool() const { return std::get_if<bool>(&data_); }
  const std::string* AsString() const { return std::get_if<std::string>(&data_); }
  const Array* AsArray() const { return std::get_if<Array>(&data_); }
  const Object* AsObject() const { return std::get_if<Object>(&data_); }
  Array* AsArray() { return std::get_if<Array>(&data_); }
  Object* AsObject() { return std::get_if<Object>(&data_); }
  // Absent unless the value was written as a whole number (no fraction, no exponent) in range.
  std::optional<std::int64_t> AsInt() const;
  std::optional<std::uint64_t> AsUint() const;
  std::optional<double> AsDouble() const;  // any number

  // The member named `key`, or null when this is no object or has none.
  const Value* Find(std::string_view key) const;

  // "null", "bool", "number", "string", "array", "object", for messages.
  std::string_view TypeName() const;

  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      data_;
};

// Readers of one member of an object. `where` names the document or path for the message.
// Errors: kInvalidArgument "WHERE: KEY: want string, found number", or "missing".
Result<std::string> GetString(const Value& object, std::string_view key, std::string_view where);
Result<std::uint64_t> GetUint(const Value& object, std::string_view key, std::string_view where);
Result<bool> GetBool(const Value& object, std::string_view key, std::string_view where);
// The same where the member may be missing (or null): `fallback` then; a wrong type is still an
// error.
Result<std::string> GetStringOr(const Value& object, std::string_view key,
                                std::string_view fallback, std::string_view where);
Result<bool> GetBoolOr(const Value& object, std::string_view key, bool fallback,
                       std::string_view where);
// The array named `key`, an empty one when missing or null.
Result<const Array*> GetArrayOrEmpty(const Value& object, std::string_view key,
                                     std::string_view where);

// Encodes. Invalid UTF-8 becomes U+FFFD; `indent` 0 gives one line. For documents of ours, whose
// depth we know.
std::string Encode(const Value& value, int indent = 0);

}  // namespace xzgate::json
