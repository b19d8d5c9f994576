#include "base/json/value.h"

#include <limits>

namespace xzgate::json {

Value::Value(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    data_ = static_cast<std::int64_t>(n);
  } else {
    data_ = n;
  }
}

std::optional<std::int64_t> Value::AsInt() const {
  if (const auto* n = std::get_if<std::int64_t>(&data_)) return *n;
  return std::nullopt;
}

std::optional<std::uint64_t> Value::AsUint() const {
  if (const auto* n = std::get_if<std::uint64_t>(&data_)) return *n;
  if (const auto* n = std::get_if<std::int64_t>(&data_); n != nullptr && *n >= 0) {
    return static_cast<std::uint64_t>(*n);
  }
  return std::nullopt;
}

std::optional<double> Value::AsDouble() const {
  if (const auto* n = std::get_if<double>(&data_)) return *n;
  if (const auto* n = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*n);
  if (const auto* n = std::get_if<std::uint64_t>(&data_)) return static_cast<double>(*n);
  return std::nullopt;
}

const Value* Value::Find(std::string_view key) const {
  const Object* object = AsObject();
  if (object == nullptr) return nullptr;
  for (const auto& [name, value] : *object) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string_view Value::TypeName() const {
  struct Namer {
    std::string_view operator()(std::monostate) const { return "null"; }
    std::string_view operator()(bool) const { return "bool"; }
    std::string_view operator()(std::int64_t) const { return "number"; }
    std::string_view operator()(std::uint64_t) const { return "number"; }
    std::string_view operator()(double) const { return "number"; }
    std::string_view operator()(const std::string&) const { return "string"; }
    std::string_view operator()(const Array&) const { return "array"; }
    std::string_view operator()(const Object&) const { return "object"; }
  };
  return std::visit(Namer{}, data_);
}

}  // namespace xzgate::json
