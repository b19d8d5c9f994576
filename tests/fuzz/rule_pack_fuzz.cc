// Any bytes as a rule pack: refused with a message, or a pack that keeps its promises.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scanner/rules/judge.h"
#include "scanner/rules/rule_pack.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xzgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto pack = rules::RulePack::Parse(text, "pack.yaml");
  if (!pack) {
    Require(pack.error().code() == ErrorCode::kInvalidArgument);
    Require(!pack.error().message().empty());
    return 0;
  }
  Require(!pack->id.empty() && !pack->version.empty());
  Require(pack->Key().find('@') == pack->id.size());
  Require(pack->payload_patterns.size() == pack->probes.patterns.size());
  for (const auto& pattern : pack->probes.patterns) {
    Require(pattern.bytes.size() >= 16 && pattern.bytes.size() <= 256);
  }
  for (const auto& known : pack->known_layers) Require(known.sha256.size() == 64);
  // A pack never makes an image bad that holds nothing.
  rules::ImageFacts empty;
  Require(rules::JudgeImage(empty, *pack).verdict == rules::Verdict::kClean);
  return 0;
}
