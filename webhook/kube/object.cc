#include "webhook/kube/object.h"

#include <algorithm>

namespace xzgate::kube {
namespace {

json::Value Sorted(const json::Value& value) {
  if (const json::Array* items = value.AsArray()) {
    json::Array sorted;
    for (const json::Value& item : *items) sorted.push_back(Sorted(item));
    return sorted;
  }
  if (const json::Object* members = value.AsObject()) {
    json::Object sorted;
    for (const auto& [key, member] : *members) sorted.emplace_back(key, Sorted(member));
    std::ranges::sort(sorted, {}, [](const json::Member& member) { return member.first; });
    return sorted;
  }
  return value;
}

}  // namespace

std::string TextOr(const json::Value& object, std::string_view key, std::string_view fallback) {
  const json::Value* found = object.Find(key);
  const std::string* text = found == nullptr ? nullptr : found->AsString();
  return text == nullptr ? std::string(fallback) : *text;
}

std::string MetadataText(const json::Value& object, std::string_view key) {
  const json::Value* metadata = object.Find("metadata");
  return metadata == nullptr ? "" : TextOr(*metadata, key);
}

ObjectName NameOf(const json::Value& object) {
  return {.ns = MetadataText(object, "namespace"), .name = MetadataText(object, "name")};
}

void SetMember(json::Object& object, std::string_view key, json::Value value) {
  const auto found = std::ranges::find(
      object, key, [](const json::Member& member) -> std::string_view { return member.first; });
  if (found == object.end()) {
    object.emplace_back(std::string(key), std::move(value));
  } else {
    found->second = std::move(value);
  }
}

void RemoveMember(json::Object& object, std::string_view key) {
  std::erase_if(object, [key](const json::Member& member) { return member.first == key; });
}

std::string CanonicalText(const json::Value& value) {
  return json::Encode(Sorted(value));
}

}  // namespace xzgate::kube
