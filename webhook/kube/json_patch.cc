#include "webhook/kube/json_patch.h"

#include <utility>

namespace xzgate::kube {
namespace {

// RFC 6901, section 3.
std::string ToPointer(JsonPatch::Path path) {
  std::string pointer;
  for (const std::string_view part : path) {
    pointer += '/';
    for (const char c : part) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
  }
  return pointer;
}

}  // namespace

void JsonPatch::Append(std::string_view op, Path path, json::Value* value) {
  json::Object step{{"op", op}, {"path", ToPointer(path)}};
  if (value != nullptr) step.emplace_back("value", std::move(*value));
  steps_.emplace_back(std::move(step));
}

void JsonPatch::Test(Path path, json::Value value) {
  Append("test", path, &value);
  has_tests_ = true;
}

void JsonPatch::Add(Path path, json::Value value) {
  Append("add", path, &value);
}

void JsonPatch::Remove(Path path) {
  Append("remove", path, nullptr);
}

std::string JsonPatch::Encode() const {
  return json::Encode(json::Value(steps_));
}

}  // namespace xzgate::kube
