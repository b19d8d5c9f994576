// Writes, as JSON, which kinds xzgate knows, and which fields of a pod spec it takes for images:
// every way through the table of review_map.cc that ends at one. No list of its own.

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "webhook/admission/review_map.h"

namespace {

using xzgate::admission::Node;

void Collect(Node from, const std::string& path, xzgate::json::Array& fields) {
  for (const std::string_view key : xzgate::admission::KeysOf(from)) {
    Node to = xzgate::admission::Follow(from, key);
    std::string at = path + (path.empty() ? "" : ".") + std::string(key);
    if (to == Node::kImage || to == Node::kVolumeReference) fields.emplace_back(at);
    if (xzgate::admission::ElementOf(to) != Node::kIgnored) {
      to = xzgate::admission::ElementOf(to);
      at += "[*]";
    }
    Collect(to, at, fields);
  }
}

}  // namespace

int main() {
  using xzgate::json::Array;
  using xzgate::json::Object;
  Array kinds;
  for (const auto& row : xzgate::admission::BuiltInKinds()) {
    kinds.emplace_back(Object{{"group", std::string(row.group)},
                              {"kind", std::string(row.kind)},
                              {"path", std::string(row.path)}});
  }
  Array fields;
  Collect(Node::kPodSpec, "", fields);
  const std::string text =
      xzgate::json::Encode(Object{{"kinds", std::move(kinds)}, {"fields", std::move(fields)}});
  std::printf("%s\n", text.c_str());
  return 0;
}
