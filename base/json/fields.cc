#include "base/json/value.h"
#include "base/text.h"

namespace xzgate::json {
namespace {

// "WHERE: KEY: want WANT, found TYPE", the one form in which a member is refused.
std::unexpected<Error> Refuse(const Value* found, std::string_view want, std::string_view key,
                              std::string_view where) {
  const std::string place = std::string(where) + ": " + Escape(key) + ": ";
  if (found == nullptr) return InvalidArgument(place + "missing");
  return InvalidArgument(place + "want " + std::string(want) + ", found " +
                         std::string(found->TypeName()));
}

// The member, or null when it is missing or null. Errors when `object` is none.
Result<const Value*> FindPresent(const Value& object, std::string_view key,
                                 std::string_view where) {
  if (object.AsObject() == nullptr) {
    return InvalidArgument(std::string(where) + ": want object, found " +
                           std::string(object.TypeName()));
  }
  const Value* found = object.Find(key);
  return found != nullptr && found->is_null() ? nullptr : found;
}

// The member, there and not null.
Result<const Value*> Need(const Value& object, std::string_view key, std::string_view where) {
  XZGATE_ASSIGN(const Value* found, FindPresent(object, key, where));
  if (found == nullptr) return Refuse(nullptr, "", key, where);
  return found;
}

}  // namespace

Result<std::string> GetString(const Value& object, std::string_view key, std::string_view where) {
  XZGATE_ASSIGN(const Value* found, Need(object, key, where));
  if (const std::string* text = found->AsString()) return *text;
  return Refuse(found, "string", key, where);
}

Result<std::uint64_t> GetUint(const Value& object, std::string_view key, std::string_view where) {
  XZGATE_ASSIGN(const Value* found, Need(object, key, where));
  if (const auto number = found->AsUint()) return *number;
  return Refuse(found, "whole number >= 0", key, where);
}

Result<bool> GetBool(const Value& object, std::string_view key, std::string_view where) {
  XZGATE_ASSIGN(const Value* found, Need(object, key, where));
  if (const bool* flag = found->AsBool()) return *flag;
  return Refuse(found, "bool", key, where);
}

Result<std::string> GetStringOr(const Value& object, std::string_view key,
                                std::string_view fallback, std::string_view where) {
  XZGATE_ASSIGN(const Value* found, FindPresent(object, key, where));
  if (found == nullptr) return std::string(fallback);
  return GetString(object, key, where);
}

Result<bool> GetBoolOr(const Value& object, std::string_view key, bool fallback,
                       std::string_view where) {
  XZGATE_ASSIGN(const Value* found, FindPresent(object, key, where));
  if (found == nullptr) return fallback;
  return GetBool(object, key, where);
}

Result<const Array*> GetArrayOrEmpty(const Value& object, std::string_view key,
                                     std::string_view where) {
  static const Array kEmpty;
  XZGATE_ASSIGN(const Value* found, FindPresent(object, key, where));
  if (found == nullptr) return &kEmpty;
  if (const Array* array = found->AsArray()) return array;
  return Refuse(found, "array", key, where);
}

}  // namespace xzgate::json
