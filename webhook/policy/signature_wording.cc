#include "webhook/policy/signature_wording.h"

#include <algorithm>
#include <variant>

#include "base/crypto/digest.h"
#include "base/text.h"

namespace xzgate::policy {
namespace {

using signature::Authority;
using signature::Reason;

// Together with a headline of 240 bytes they leave a message of 990 its end.
constexpr std::size_t kMaxDetailBytes = 300;
constexpr std::size_t kMaxWhoBytes = 170;
constexpr std::size_t kMaxIdentityShown = 72;
constexpr std::size_t kMaxImageBytes = 170;  // a command that is cut is none
constexpr std::size_t kMaxAsideBytes = 160;
constexpr std::size_t kFingerprintDigits = 12;

std::string MoreThan(std::size_t shown, std::size_t all) {
  return all > shown ? " or " + std::to_string(all - shown) + " more" : "";
}

std::string Short(const signature::KeyAuthority& kind) {
  if (kind.keys.empty()) return "a key";
  return std::string(crypto::ToString(kind.keys[0].kind())) + " key " +
         crypto::HexEncode(AsBytes(kind.keys[0].Fingerprint())).substr(0, kFingerprintDigits) +
         MoreThan(1, kind.keys.size());
}

std::string ShortIdentity(const std::vector<signature::IdentityRule>& identities) {
  if (identities.empty()) return "nobody";
  const signature::IdentityRule& first = identities[0];
  std::string text = Truncate(first.subject.ToString(), kMaxIdentityShown);
  if (first.issuer) text += " of " + Truncate(first.issuer->ToString(), kMaxIdentityShown);
  return text + MoreThan(1, identities.size());
}

std::string Short(const signature::CertificateAuthority& kind) {
  return ShortIdentity(kind.identities) + " with a certificate of one's own authority";
}

std::string Short(const signature::KeylessAuthority& kind) {
  return ShortIdentity(kind.identities);
}

// The authorities that have not vouched yet, with what they are.
std::vector<const Authority*> Missing(const UseDecision& use) {
  std::vector<const Authority*> missing;
  for (const auto& authority : use.unmet->authorities) {
    if (std::ranges::find(use.vouched_by, authority->name) == use.vouched_by.end())
      missing.push_back(authority.get());
  }
  return missing;
}

std::string Who(const std::vector<const Authority*>& authorities) {
  std::vector<std::string> parts;
  for (const Authority* authority : authorities) {
    parts.push_back(authority->name + " is " +
                    std::visit([](const auto& kind) { return Short(kind); }, authority->kind));
  }
  return Truncate(Join(parts, "; "), kMaxWhoBytes);
}

std::string Image(const UseDecision& use) {
  const std::string image = use.judged.pinned ? use.judged.pinned->ToString() : "IMAGE@DIGEST";
  return image.size() > kMaxImageBytes ? "IMAGE@DIGEST" : image;
}

std::string Command(const UseDecision& use, const Authority& authority) {
  const signature::Requirement& requirement = *use.unmet;
  std::string command = "cosign sign";
  if (!requirement.signatures && !requirement.attestations.empty()) {
    command = "cosign attest --type " + Escape(requirement.attestations[0].predicate_type, 96) +
              " --predicate FILE";
  }
  if (std::holds_alternative<signature::KeyAuthority>(authority.kind)) command += " --key KEY";
  for (const auto& [key, value] : authority.annotations)
    command += " -a " + Escape(key, 32) + "=" + Escape(value, 32);
  return command + " " + Image(use);
}

std::string Fix(const UseDecision& use) {
  switch (use.signature_reason) {
    case Reason::kPending:
    case Reason::kRegistry:
      return "retry in a moment";
    case Reason::kTrustRoot:
      return "fix: an operator has to renew the trusted root of the policy";
    case Reason::kNoRequirement:
      return "fix: use an image that the policy covers, or ask its owner to add this one";
    default:
      break;
  }
  if (!use.unmet) return {};
  const auto missing = Missing(use);
  const auto& all = use.unmet->authorities;
  const Authority* first = !missing.empty() ? missing[0] : all.empty() ? nullptr : all[0].get();
  return first == nullptr ? "" : "fix: as " + first->name + ": " + Command(use, *first);
}

}  // namespace

bool IsAboutSignatures(const UseDecision& use) {
  return use.signature_reason != Reason::kNone &&
         use.reason_code == signature::Code(use.signature_reason);
}

std::string SignatureExplanation(const UseDecision& use) {
  return "policy " + Quote(use.policy, 64) + ": " +
         EscapeOnce(use.signature_detail, kMaxDetailBytes);
}

std::string SignatureRemedy(const UseDecision& use) {
  std::string text;
  // Who would do helps only where somebody can do something.
  if (use.unmet && use.signatures != signature::Outcome::kUndecided) text = Who(Missing(use));
  const std::string fix = Fix(use);
  return text + (text.empty() || fix.empty() ? "" : "\n  ") + fix;
}

std::string SignatureAside(const UseDecision& use) {
  if (use.outvoted) {
    return "let in by policy " + Quote(use.policy, 64) + " because it is signed by " +
           Truncate(Join(use.vouched_by, ", "), kMaxAsideBytes);
  }
  if (IsAboutSignatures(use) || use.signature_action == Action::kAllow) return {};
  return "also [" + std::string(signature::Code(use.signature_reason)) + " " +
         std::string(signature::ToString(use.signature_reason)) +
         "]: " + EscapeOnce(use.signature_detail, kMaxAsideBytes);
}

}  // namespace xzgate::policy
