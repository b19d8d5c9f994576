#include "scanner/rules/rule_pack.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "scanner/rules/pack_reader.h"

namespace xzgate::rules {

// Written by embed.cmake from packs/cve-2024-3094.yaml.
extern const unsigned char kBuiltInPack[];
extern const std::size_t kBuiltInPackSize;

namespace {

// A rule pack holds lists of digests, so it may be larger than a configuration file.
constexpr yaml::Limits kLimits{.max_bytes = kMaxPackBytes, .max_nodes = 65'536, .max_depth = 16};

RulePack ReadBuiltIn() {
  const std::string_view text(reinterpret_cast<const char*>(kBuiltInPack), kBuiltInPackSize);
  auto pack = RulePack::Parse(text, "built-in rules");
  if (!pack) {  // our own bug: no build that passes its tests gets here
    std::fprintf(stderr, "%s\n", pack.error().ToString().c_str());
    std::abort();
  }
  return std::move(*pack);
}

}  // namespace

Result<RulePack> RulePack::Parse(std::string_view text, std::string_view file) {
  yaml::Problems problems;
  const auto documents = yaml::ReadDocuments(text, file, kLimits, problems);
  RulePack pack;
  if (documents.size() == 1) {
    pack = ReadPack(documents.front(), problems);
  } else if (problems.empty()) {
    problems.Add(std::string(file) + ": want one document, found " +
                 std::to_string(documents.size()));
  }
  if (!problems.empty()) return std::unexpected(problems.ToError());
  return pack;
}

const RulePack& RulePack::BuiltIn() {
  static const RulePack pack = ReadBuiltIn();
  return pack;
}

}  // namespace xzgate::rules
