// Whatever comes, the tree keeps the promises of Node: bounded, no two equal keys, a place for each
// node; and problems can be shown.

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/yaml/document.h"

namespace {

using xzgate::yaml::Limits;
using xzgate::yaml::Node;

void Check(bool holds) {
  if (!holds) std::abort();
}

// Counts the nodes under `node`; keys count as one each.
std::size_t Walk(const Node& node, std::size_t depth, const Limits& limits) {
  Check(depth <= limits.max_depth);
  Check(node.Where().starts_with("f:"));
  std::size_t count = 1;
  for (const Node& item : node.items()) count += Walk(item, depth + 1, limits);
  std::set<std::string_view> keys;
  for (const auto& [key, value] : node.members()) {
    Check(keys.insert(key).second);
    count += 1 + Walk(value, depth + 1, limits);
  }
  return count;
}

void ReadEverything(const Node& node, xzgate::yaml::Problems& problems) {
  xzgate::yaml::Mapping mapping(node, problems);
  std::string text;
  bool flag = false;
  std::int64_t number = 5;
  std::uint64_t bytes = 5;
  std::vector<std::string> list;
  mapping.Required("name", text);
  mapping.Optional("flag", flag);
  mapping.Optional("count", number, 0, 10);
  Check(number >= 0 && number <= 10);
  mapping.OptionalDuration("wait", number, 0, 1000);
  Check(number >= 0 && number <= 1000);
  mapping.OptionalBytes("size", bytes, 1, 1024);
  Check(bytes >= 1 && bytes <= 1024);
  mapping.Optional("list", list);
  mapping.Each("rules", [](xzgate::yaml::Mapping& rule) { rule.Take("mode", true); });
  mapping.Finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Limits limits{.max_bytes = 64 * 1024, .max_nodes = 256, .max_depth = 8};
  xzgate::yaml::Problems problems;
  const std::vector<Node> documents = xzgate::yaml::ReadDocuments(text, "f", limits, problems);
  std::size_t nodes = 0;
  for (const Node& document : documents) {
    nodes += Walk(document, 0, limits);
    ReadEverything(document, problems);
  }
  Check(nodes <= limits.max_nodes);
  for (const std::string& problem : problems.list()) {
    Check(xzgate::IsValidUtf8(problem));
    for (const char c : problem) Check(static_cast<unsigned char>(c) >= 0x20);
  }
  return 0;
}
