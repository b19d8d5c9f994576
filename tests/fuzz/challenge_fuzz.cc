// What a challenge header and a Link header were read as, written plainly, reads as the same again;
// limits hold.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scanner/registry/challenge.h"
#include "scanner/registry/link_header.h"

namespace {

using namespace xzgate::registry;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Write(const std::vector<Challenge>& challenges) {
  std::string text;
  for (const Challenge& challenge : challenges) {
    if (!text.empty()) text += ", ";
    text += challenge.scheme;
    if (!challenge.token68.empty()) text += " " + challenge.token68;
    for (std::size_t i = 0; i < challenge.params.size(); ++i) {
      text += (i == 0 ? " " : ",") + challenge.params[i].first + "=\"";
      for (const char c : challenge.params[i].second) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
      }
      text += '"';
    }
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  if (const auto challenges = ParseChallenges(header)) {
    Require(challenges->size() <= kMaxChallenges && size <= kMaxChallengeBytes);
    for (const Challenge& challenge : *challenges) {
      Require(!challenge.scheme.empty() && challenge.params.size() <= kMaxChallengeParams);
      Require(challenge.token68.empty() || challenge.params.empty());
    }
    const std::string written = Write(*challenges);
    if (written.size() <= kMaxChallengeBytes) {
      const auto again = ParseChallenges(written);
      Require(again.has_value() && *again == *challenges);
    }
  }
  if (const auto next = FindNextLink(header); next && *next) {
    const auto again = FindNextLink("<" + **next + ">; rel=\"next\"");
    Require(again.has_value() && *again == *next);
  }
  return 0;
}
