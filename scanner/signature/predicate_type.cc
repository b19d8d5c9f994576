#include <algorithm>
#include <array>

#include "base/text.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

struct ShortName {
  std::string_view name;
  std::string_view type;
};
// cosign cmd/cosign/cli/options/predicate.go. Versioned forms, as "https://spdx.dev/Document/v2.3",
// are other types: a policy names them by their URI.
constexpr std::array<ShortName, 10> kShortNames = {{
    {"custom", "https://cosign.sigstore.dev/attestation/v1"},
    {"slsaprovenance", "https://slsa.dev/provenance/v0.2"},
    {"slsaprovenance02", "https://slsa.dev/provenance/v0.2"},
    {"slsaprovenance1", "https://slsa.dev/provenance/v1"},
    {"spdx", "https://spdx.dev/Document"},
    {"spdxjson", "https://spdx.dev/Document"},
    {"cyclonedx", "https://cyclonedx.org/bom"},
    {"link", "https://in-toto.io/Link/v1"},
    {"vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"},
    {"openvex", "https://openvex.dev/ns"},
}};

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsSchemeCharacter(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

// A scheme, a colon and something of visible ASCII (RFC 3986, section 4.3).
bool IsAbsoluteUri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size()) return false;
  return IsLetter(text.front()) && std::ranges::all_of(text.substr(0, colon), IsSchemeCharacter) &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<std::string> PredicateTypeOf(std::string_view name) {
  const auto* found = std::ranges::find(kShortNames, name, &ShortName::name);
  if (found != kShortNames.end()) return std::string(found->type);
  if (IsAbsoluteUri(name)) return std::string(name);
  std::vector<std::string> names;
  for (const ShortName& known : kShortNames) names.emplace_back(known.name);
  return InvalidArgument("attestation type " + Quote(name) + ": want a URI or one of " +
                         Join(names, ", "));
}

}  // namespace xzgate::signature
