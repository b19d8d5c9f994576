#include "cmd/signer_flags.h"

#include <utility>

#include "base/byte_source.h"
#include "base/text.h"
#include "scanner/signature/statement.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kNobody =
    "whose signature counts? want --key FILE, or --certificate-identity with "
    "--certificate-oidc-issuer, or for images --policy FILE";

Result<crypto::PublicKey> ReadKey(const std::string& path) {
  XZGATE_ASSIGN(const std::string pem, ReadFile(path, crypto::PublicKey::kMaxPemBytes));
  auto key = crypto::PublicKey::FromPem(pem);
  if (!key) return Annotate(key.error(), "key " + Quote(path));
  return key;
}

Result<signature::KeyAuthority> KeysOf(const SignerFlags& flags) {
  signature::KeyAuthority authority;
  authority.require_tlog = flags.require_tlog;
  for (const auto& path : flags.keys) {
    auto key = ReadKey(path);
    if (!key) return Annotate(key.error(), "--key");
    authority.keys.push_back(std::move(*key));
  }
  return authority;
}

// One of the two flags, which exclude each other.
Result<signature::TextMatcher> MatcherOf(const std::string& flag, const std::string& exact,
                                         const std::string& expression) {
  if (!exact.empty() && !expression.empty())
    return InvalidArgument(flag + " and " + flag + "-regexp exclude each other: want one");
  if (exact.empty() && expression.empty())
    return InvalidArgument("want " + flag + " or " + flag +
                           "-regexp too: an identity is a name and who vouches for it");
  auto matcher = exact.empty() ? signature::TextMatcher::Expression(expression)
                               : signature::TextMatcher::Exact(exact);
  if (!matcher) return Annotate(matcher.error(), exact.empty() ? flag + "-regexp" : flag);
  return matcher;
}

Result<signature::KeylessAuthority> IdentityOf(const SignerFlags& flags) {
  XZGATE_ASSIGN(auto subject,
                MatcherOf("--certificate-identity", flags.identity, flags.identity_expression));
  XZGATE_ASSIGN(auto issuer,
                MatcherOf("--certificate-oidc-issuer", flags.issuer, flags.issuer_expression));
  signature::KeylessAuthority authority;
  authority.identities.push_back(
      {.subject = std::move(subject), .issuer = std::move(issuer), .extensions = {}});
  return authority;
}

Result<std::vector<std::shared_ptr<const signature::TrustedRoot>>> RootsOf(
    const SignerFlags& flags) {
  std::vector<std::shared_ptr<const signature::TrustedRoot>> roots;
  for (const auto& path : flags.trusted_roots) {
    const auto text = ReadFile(path, signature::TrustedRoot::kMaxBytes);
    if (!text) return Annotate(text.error(), "--trusted-root");
    auto root = signature::TrustedRoot::Parse(*text, path);
    if (!root) return Annotate(root.error(), "--trusted-root " + Quote(path));
    roots.push_back(std::make_shared<const signature::TrustedRoot>(std::move(*root)));
  }
  if (roots.empty() && (flags.keys.empty() || flags.require_tlog))
    roots.push_back(signature::TrustedRoot::BuiltIn());
  return roots;
}

Result<std::vector<std::pair<std::string, std::string>>> AnnotationsOf(
    const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> annotations;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == text.npos)
      return InvalidArgument("--annotation: want NAME=VALUE, found " + Quote(text));
    annotations.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return annotations;
}

}  // namespace

bool SignerFlags::NamesSigner() const {
  return !keys.empty() || !identity.empty() || !identity_expression.empty() || !issuer.empty() ||
         !issuer_expression.empty();
}

bool SignerFlags::IsEmpty() const {
  return !NamesSigner() && trusted_roots.empty() && !require_tlog && attestations.empty() &&
         annotations.empty();
}

Result<std::shared_ptr<const signature::Authority>> SignerFlags::ToAuthority() const {
  if (!NamesSigner()) return InvalidArgument(std::string(kNobody));
  const bool by_key = !keys.empty();
  if (by_key && (!identity.empty() || !identity_expression.empty() || !issuer.empty() ||
                 !issuer_expression.empty()))
    return InvalidArgument("--key and --certificate-… exclude each other: want one kind of signer");
  auto authority = std::make_shared<signature::Authority>();
  authority->name = by_key ? "key" : "identity";
  if (by_key) {
    XZGATE_ASSIGN(authority->kind, KeysOf(*this));
  } else {
    XZGATE_ASSIGN(authority->kind, IdentityOf(*this));
  }
  XZGATE_ASSIGN(authority->roots, RootsOf(*this));
  XZGATE_ASSIGN(authority->annotations, AnnotationsOf(annotations));
  return authority;
}

Result<signature::Requirement> SignerFlags::ToRequirement() const {
  XZGATE_ASSIGN(auto authority, ToAuthority());
  signature::Requirement requirement;
  requirement.name = "command line";
  const signature::Group by{.at_least = 1, .authorities = {authority->name}, .groups = {}};
  for (const auto& name : attestations) {
    auto type = signature::PredicateTypeOf(name);
    if (!type) return Annotate(type.error(), "--attestation");
    requirement.attestations.push_back({.predicate_type = std::move(*type),
                                        .by = by,
                                        .conditions = {},
                                        .which = signature::Which::kNewest});
  }
  if (attestations.empty()) requirement.signatures = by;
  requirement.authorities.push_back(std::move(authority));
  return requirement;
}

}  // namespace xzgate::cmd
