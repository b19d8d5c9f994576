#include "scanner/oci/document_fields.h"

#include "base/json/case_fold.h"
#include "base/text.h"

namespace xzgate::oci {

Result<void> CheckKeys(const json::Value& object, std::initializer_list<std::string_view> known,
                       std::string_view where) {
  const json::Object* members = object.AsObject();
  if (members == nullptr) {
    return InvalidArgument(std::string(where) + ": want object, found " +
                           std::string(object.TypeName()));
  }
  for (const auto& [key, value] : *members) {
    const std::string folded = json::FoldCase(key);
    for (const std::string_view name : known) {
      if (key != name && folded == json::FoldCase(name)) {
        return InvalidArgument(std::string(where) + ": key " + Quote(key) + ": want " +
                               Quote(name));
      }
    }
  }
  return {};
}

Result<std::vector<std::string>> GetStrings(const json::Value& object, std::string_view key,
                                            std::string_view where) {
  XZGATE_ASSIGN(const json::Array* array, json::GetArrayOrEmpty(object, key, where));
  std::vector<std::string> strings;
  strings.reserve(array->size());
  for (const json::Value& value : *array) {
    const std::string* text = value.AsString();
    if (text == nullptr) {
      return InvalidArgument(std::string(where) + ": " + std::string(key) +
                             ": want strings, found " + std::string(value.TypeName()));
    }
    strings.push_back(*text);
  }
  return strings;
}

Result<std::vector<std::pair<std::string, std::string>>> GetStringMap(const json::Value& object,
                                                                      std::string_view key,
                                                                      std::string_view where) {
  std::vector<std::pair<std::string, std::string>> map;
  const json::Value* found = object.Find(key);
  if (found == nullptr || found->is_null()) return map;
  const std::string place = std::string(where) + ": " + std::string(key);
  if (found->AsObject() == nullptr) {
    return InvalidArgument(place + ": want object, found " + std::string(found->TypeName()));
  }
  for (const auto& [name, value] : *found->AsObject()) {
    const std::string* text = value.AsString();
    if (text == nullptr) {
      return InvalidArgument(place + ": " + Escape(name) + ": want string, found " +
                             std::string(value.TypeName()));
    }
    map.emplace_back(name, *text);
  }
  return map;
}

Result<Platform> GetPlatform(const json::Value& object, std::string_view where) {
  XZGATE_RETURN_IF_ERROR(CheckKeys(object, {"os", "architecture", "variant"}, where));
  Platform platform;
  XZGATE_ASSIGN(platform.os, json::GetStringOr(object, "os", "", where));
  XZGATE_ASSIGN(platform.architecture, json::GetStringOr(object, "architecture", "", where));
  XZGATE_ASSIGN(platform.variant, json::GetStringOr(object, "variant", "", where));
  return platform;
}

}  // namespace xzgate::oci
