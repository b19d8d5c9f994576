#include "webhook/policy/signing_command.h"

#include <algorithm>
#include <variant>

#include "base/text.h"

namespace xzgate::policy {
namespace {

using signature::Authority;

constexpr std::size_t kMaxTypeBytes = 96;
constexpr std::size_t kMaxAnnotationBytes = 32;  // of name and of value

// cosign 3 takes --tlog-upload=false only together with the other one.
std::string WithoutLog(bool timestamp) {
  return std::string(" --use-signing-config=false --tlog-upload=false") +
         (timestamp ? " --timestamp-server-url URL" : "");
}

// It asks the public instance unless it is told of another one.
std::string OfInstance(const Authority& authority) {
  const std::string& built_in = signature::TrustedRoot::BuiltIn()->digest();
  const bool is_public = std::ranges::any_of(
      authority.roots, [&built_in](const auto& root) { return root->digest() == built_in; });
  return is_public || authority.roots.empty() ? "" : " --signing-config FILE";
}

std::string Flags(const Authority& authority, const signature::KeyAuthority& kind) {
  return " --key KEY" +
         (kind.require_tlog ? OfInstance(authority) : WithoutLog(kind.require_timestamp));
}

std::string Flags(const Authority&, const signature::CertificateAuthority& kind) {
  return " --key KEY --certificate PEM" + WithoutLog(kind.require_timestamp);
}

std::string Flags(const Authority& authority, const signature::KeylessAuthority&) {
  return OfInstance(authority);
}

}  // namespace

std::string SigningCommand(const signature::Requirement& requirement, const Authority& authority,
                           const std::string& image) {
  const std::string flags =
      std::visit([&authority](const auto& kind) { return Flags(authority, kind); }, authority.kind);
  if (!requirement.signatures && !requirement.attestations.empty()) {
    // Without annotations: cosign attests none.
    return "cosign attest --type " +
           Escape(requirement.attestations[0].predicate_type, kMaxTypeBytes) + " --predicate FILE" +
           flags + " " + image;
  }
  std::string annotations;
  for (const auto& [name, value] : authority.annotations) {
    annotations +=
        " -a " + Escape(name, kMaxAnnotationBytes) + "=" + Escape(value, kMaxAnnotationBytes);
  }
  return "cosign sign" + flags + annotations + " " + image;
}

}  // namespace xzgate::policy
