#include "webhook/policy/signature_wording.h"

#include <algorithm>
#include <variant>

#include "base/crypto/digest.h"
#include "base/text.h"
#include "webhook/policy/signing_command.h"

namespace xzgate::policy {
namespace {

using signature::Authority;
using signature::Reason;

// Together with a headline of 240 bytes they leave a message of 990 its end.
constexpr std::size_t kMaxDetailBytes = 300;
constexpr std::size_t kMaxWhoBytes = 170;  // and what the detail leaves
constexpr std::size_t kMaxShown = 3;       // authorities
constexpr std::size_t kMinIdentityShown = 40;
constexpr std::size_t kMaxIssuerShown = 72;
constexpr std::size_t kWordsBytes = 20;      // "subject matches" and quotes
constexpr std::size_t kMaxImageBytes = 170;  // a command that is cut is none
constexpr std::size_t kMaxAsideBytes = 160;
constexpr std::size_t kFingerprintDigits = 12;

std::string MoreThan(std::size_t shown, std::size_t all) {
  return all > shown ? " or " + std::to_string(all - shown) + " more" : "";
}

// Both ends, since that of a workflow is what tells it from others; inside of quotes.
std::string QuoteEnds(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kGap = "…";
  if (text.size() <= max_bytes) return Quote(text, max_bytes);
  const std::size_t back = (max_bytes - kGap.size()) / 2;
  const std::string front = Truncate(text, max_bytes - back);  // which ends in the gap
  std::size_t start = text.size() - back;
  while (start < text.size() && Utf8Length(text.substr(start)) == 0) ++start;
  return Quote(front + std::string(text.substr(start)), max_bytes);
}

std::string Short(std::string_view what, const signature::TextMatcher& matcher, std::size_t room) {
  return std::string(what) + (matcher.IsExpression() ? " matches " : " ") +
         QuoteEnds(matcher.text(), std::max(room, kMinIdentityShown));
}

std::string ShortIdentity(const std::vector<signature::IdentityRule>& identities,
                          std::size_t room) {
  if (identities.empty()) return "nobody";
  const signature::IdentityRule& first = identities[0];
  const std::string issuer =
      first.issuer ? ", " + Short("issuer", *first.issuer, std::min(room / 3, kMaxIssuerShown))
                   : "";
  const std::size_t taken = issuer.size() + kWordsBytes;
  return Short("subject", first.subject, room > taken ? room - taken : 0) + issuer +
         MoreThan(1, identities.size());
}

std::string Short(const signature::KeyAuthority& kind, std::size_t) {
  if (kind.keys.empty()) return "a key";
  return std::string(crypto::ToString(kind.keys[0].kind())) + " key " +
         crypto::HexEncode(AsBytes(kind.keys[0].Fingerprint())).substr(0, kFingerprintDigits) +
         MoreThan(1, kind.keys.size());
}

std::string Short(const signature::CertificateAuthority& kind, std::size_t room) {
  constexpr std::string_view kOwn = ", by a certificate of one's own authority";
  return ShortIdentity(kind.identities, room > kOwn.size() ? room - kOwn.size() : 0) +
         std::string(kOwn);
}

std::string Short(const signature::KeylessAuthority& kind, std::size_t room) {
  return ShortIdentity(kind.identities, room);
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

// As many as there is room for, each in full.
std::string Who(const std::vector<const Authority*>& authorities, std::size_t room) {
  std::string text;
  std::size_t shown = 0;
  const std::size_t share =
      room / std::max<std::size_t>(1, std::min(authorities.size(), kMaxShown));
  for (const Authority* authority : authorities) {
    if (shown == kMaxShown) break;
    const std::size_t left = share > authority->name.size() ? share - authority->name.size() : 0;
    const std::string part =
        authority->name + ": " +
        std::visit([left](const auto& kind) { return Short(kind, left); }, authority->kind);
    if (shown > 0 && text.size() + part.size() > room) break;
    text += (shown++ > 0 ? "; " : "") + part;
  }
  return text + (shown < authorities.size()
                     ? "; and " + std::to_string(authorities.size() - shown) + " more"
                     : "");
}

// ", attestations[1] (vuln)".
std::string EntryOf(const UseDecision& use) {
  return use.unmet && !use.unmet->entry.empty() ? ", " + use.unmet->entry : "";
}

std::string Image(const UseDecision& use) {
  const std::string image = use.judged.pinned ? use.judged.pinned->ToString() : "IMAGE@DIGEST";
  return image.size() > kMaxImageBytes ? "IMAGE@DIGEST" : image;
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
  return first == nullptr
             ? ""
             : "fix: as " + first->name + ": " + SigningCommand(*use.unmet, *first, Image(use));
}

}  // namespace

bool IsAboutSignatures(const UseDecision& use) {
  return use.signature_reason != Reason::kNone &&
         use.reason_code == signature::Code(use.signature_reason);
}

std::string SignatureExplanation(const UseDecision& use) {
  return "policy " + Quote(use.policy, 64) + EntryOf(use) + ": " +
         EscapeOnce(use.signature_detail, kMaxDetailBytes);
}

std::string SignatureRemedy(const UseDecision& use) {
  std::string text;
  // Who would do helps only where somebody can do something.
  if (use.unmet && use.signatures != signature::Outcome::kUndecided) {
    const std::size_t detail = EntryOf(use).size() + use.signature_detail.size();
    text =
        Who(Missing(use), kMaxWhoBytes + (detail < kMaxDetailBytes ? kMaxDetailBytes - detail : 0));
  }
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
