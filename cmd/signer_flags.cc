#include "cmd/signer_flags.h"

#include <utility>

#include "base/byte_source.h"
#include "base/text.h"
#include "scanner/signature/expression_advice.h"
#include "scanner/signature/statement.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kNobody =
    "whose signature counts? want --key FILE, or --certificate-identity with "
    "--certificate-oidc-issuer, or for images --policy FILE";

Result<crypto::PublicKey> ReadKey(const std::string& path) {
  if (path.contains("://")) {
    return InvalidArgument(
        "want a PEM file, found " + Quote(path) +
        ": of a key in a KMS give the public half (cosign public-key --key URI)");
  }
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
    authority.names.push_back(path);
  }
  return authority;
}

// One of the two flags, which exclude each other. What may stand in them is what may in a policy.
Result<signature::TextMatcher> MatcherOf(const std::string& flag,
                                         const std::optional<std::string>& exact,
                                         const std::optional<std::string>& expression) {
  const std::string expression_flag = flag + "-regexp";
  if (exact && expression)
    return InvalidArgument(flag + " and " + expression_flag + " exclude each other: want one");
  if (!exact && !expression)
    return InvalidArgument("want " + flag + " or " + expression_flag +
                           " too: an identity is a name and who vouches for it");
  auto matcher = exact ? signature::TextMatcher::ExactAsWritten(*exact, expression_flag)
                       : signature::TextMatcher::AnchoredExpression(*expression);
  if (!matcher) return Annotate(matcher.error(), exact ? flag : expression_flag);
  if (expression) {
    const auto named = signature::CheckNamesHost(*expression);
    if (!named) return Annotate(named.error(), expression_flag);
  }
  return matcher;
}

// "NAME=VALUE".
Result<std::pair<std::string, std::string>> PairOf(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == text.npos)
    return InvalidArgument("want NAME=VALUE, found " + Quote(text));
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<void> AddExtension(const std::string& text, signature::IdentityRule& rule) {
  XZGATE_ASSIGN(auto pair, PairOf(text));
  auto& [name, value] = pair;
  if (const auto known = signature::CheckExtensionName(name); !known)
    return Annotate(known.error(), Quote(name, 64));
  XZGATE_ASSIGN(auto matcher, signature::TextMatcher::ExactAsWritten(
                                  std::move(value), "extensionsRegExp in a policy"));
  rule.extensions.emplace_back(std::move(name), std::move(matcher));
  return {};
}

Result<signature::KeylessAuthority> IdentityOf(const SignerFlags& flags) {
  XZGATE_ASSIGN(auto subject,
                MatcherOf("--certificate-identity", flags.identity, flags.identity_expression));
  XZGATE_ASSIGN(auto issuer,
                MatcherOf("--certificate-oidc-issuer", flags.issuer, flags.issuer_expression));
  signature::IdentityRule rule{
      .subject = std::move(subject), .issuer = std::move(issuer), .extensions = {}};
  for (const auto& text : flags.extensions) {
    if (const auto added = AddExtension(text, rule); !added)
      return Annotate(added.error(), "--certificate-extension");
  }
  signature::KeylessAuthority authority;
  authority.identities.push_back(std::move(rule));
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
    auto pair = PairOf(text);
    if (!pair) return Annotate(pair.error(), "--annotation");
    annotations.push_back(std::move(*pair));
  }
  return annotations;
}

}  // namespace

bool SignerFlags::NamesSigner() const {
  return !keys.empty() || NamesIdentity();
}

bool SignerFlags::NamesIdentity() const {
  return identity || identity_expression || issuer || issuer_expression || !extensions.empty();
}

bool SignerFlags::IsEmpty() const {
  return !NamesSigner() && trusted_roots.empty() && !require_tlog && attestations.empty() &&
         annotations.empty() && signature_repository.empty();
}

std::string_view SignerFlags::HintFor(signature::Reason reason) const {
  if (!trusted_roots.empty() || (!NamesIdentity() && !require_tlog)) return "";
  switch (reason) {
    case signature::Reason::kCertificate:
    case signature::Reason::kSct:
    case signature::Reason::kLog:
    case signature::Reason::kTimestamp:
      return "a Sigstore of your own? --trusted-root FILE";
    default:
      return "";
  }
}

Result<std::shared_ptr<const signature::Authority>> SignerFlags::ToAuthority() const {
  if (!NamesSigner()) return InvalidArgument(std::string(kNobody));
  const bool by_key = !keys.empty();
  if (by_key && NamesIdentity())
    return InvalidArgument("--key and --certificate-… exclude each other: want one kind of signer");
  auto authority = std::make_shared<signature::Authority>();
  authority->name = by_key ? "the given key" : "the given identity";
  if (by_key) {
    XZGATE_ASSIGN(authority->kind, KeysOf(*this));
  } else {
    XZGATE_ASSIGN(authority->kind, IdentityOf(*this));
  }
  XZGATE_ASSIGN(authority->roots, RootsOf(*this));
  XZGATE_ASSIGN(authority->annotations, AnnotationsOf(annotations));
  return authority;
}

Result<std::vector<std::string>> SignerFlags::PredicateTypes() const {
  std::vector<std::string> types;
  for (const auto& name : attestations) {
    auto type = signature::PredicateTypeOf(name);
    if (!type) return Annotate(type.error(), "--attestation");
    types.push_back(std::move(*type));
  }
  return types;
}

Result<signature::Requirement> SignerFlags::ToRequirement() const {
  XZGATE_ASSIGN(auto authority, ToAuthority());
  signature::Requirement requirement;
  requirement.name = "command line";
  if (!signature_repository.empty()) {
    auto repository = oci::Repository::Parse(signature_repository);
    if (!repository) return Annotate(repository.error(), "--signature-repository");
    requirement.signature_repository = std::move(*repository);
  }
  const signature::Group by{.at_least = 1, .authorities = {authority->name}, .groups = {}};
  XZGATE_ASSIGN(auto types, PredicateTypes());
  for (auto& type : types) {
    requirement.attestations.push_back({.predicate_type = std::move(type),
                                        .by = by,
                                        .conditions = {},
                                        .which = signature::Which::kNewest});
  }
  if (attestations.empty()) requirement.signatures = by;
  requirement.authorities.push_back(std::move(authority));
  return requirement;
}

}  // namespace xzgate::cmd
