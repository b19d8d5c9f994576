#include "scanner/signature/strict_json.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/crypto/digest.h"
#include "base/text.h"

namespace xzgate::signature {

json::Limits StrictLimits(std::size_t max_bytes) {
  return {.max_bytes = max_bytes, .max_depth = 16, .refuse_case_variants = true};
}

Result<void> CheckMembers(const json::Value& object, std::initializer_list<std::string_view> known,
                          std::string_view path) {
  const json::Object* members = object.AsObject();
  if (members == nullptr) {
    return InvalidArgument(std::string(path) + ": want object, found " +
                           std::string(object.TypeName()));
  }
  for (const auto& [key, value] : *members) {
    if (std::ranges::find(known, key) == known.end()) {
      return InvalidArgument(std::string(path) + ": unknown member " + Quote(key, 64));
    }
  }
  return {};
}

Result<const json::Value*> FindObject(const json::Value& object, std::string_view key,
                                      std::string_view path) {
  const json::Value* found = object.Find(key);
  if (found == nullptr || found->is_null()) return nullptr;
  if (found->AsObject() == nullptr) {
    return InvalidArgument(MemberPath(path, key) + ": want object, found " +
                           std::string(found->TypeName()));
  }
  return found;
}

Result<const json::Value*> GetObject(const json::Value& object, std::string_view key,
                                     std::string_view path) {
  XZGATE_ASSIGN(const json::Value* found, FindObject(object, key, path));
  if (found == nullptr) return InvalidArgument(MemberPath(path, key) + ": missing");
  return found;
}

Result<const json::Array*> GetList(const json::Value& object, std::string_view key,
                                   std::size_t max_count, std::string_view path) {
  XZGATE_ASSIGN(const json::Array* list, json::GetArrayOrEmpty(object, key, path));
  if (list->size() <= max_count) return list;
  return ResourceExhausted(MemberPath(path, key) + ": want at most " + std::to_string(max_count) +
                           ", found " + std::to_string(list->size()));
}

Result<std::string> GetBytes(const json::Value& object, std::string_view key,
                             std::string_view path) {
  XZGATE_ASSIGN(const std::string text, json::GetString(object, key, path));
  std::optional<std::string> bytes = crypto::Base64Decode(text);
  if (!bytes || bytes->empty()) {
    return InvalidArgument(MemberPath(path, key) + ": want base64, found " + Quote(text, 32));
  }
  return *std::move(bytes);
}

std::string MemberPath(std::string_view path, std::string_view key) {
  return std::string(path) + "." + std::string(key);
}

std::string ElementPath(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

}  // namespace xzgate::signature
