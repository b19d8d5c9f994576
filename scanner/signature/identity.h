#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crypto/certificate.h"
#include "base/result.h"

namespace xzgate::signature {

inline constexpr std::size_t kMaxIdentityBytes = 2048;

// Who a certificate speaks for (signatures.md 3.4, 3.5). A value.
struct CertificateIdentity {
  std::string
      subject;  // the one subject alternative name: URI, else e-mail, else Fulcio's user name
  std::string issuer;  // OIDC issuer; "" for a private authority's certificate
  // Fulcio extensions by name ("sourceRepositoryURI"), in the order of their OIDs.
  std::vector<std::pair<std::string, std::string>> extensions;
};
// Errors: kInvalidArgument (several names, none, an embedded NUL, .1 and .8 that differ, an
// extension that occurs twice, trailing bytes).
Result<CertificateIdentity> ReadIdentity(const crypto::Certificate& leaf);

// The names that policies use for Fulcio's extensions, with their OIDs (fulcio docs/oid-info.md).
const std::vector<std::pair<std::string_view, std::string_view>>& FulcioExtensions();
// Whether it is one of those names. Errors: kInvalidArgument, with all of them.
Result<void> CheckExtensionName(std::string_view name);

// Either one text, byte for byte, or an RE2 expression that must match the whole. A value.
class TextMatcher {
 public:
  // `text` must not be empty (kInvalidArgument).
  static Result<TextMatcher> Exact(std::string text);
  // What a person wrote into a policy or a command: the same, but without a `*`, which would be
  // compared as it stands; the error says to give a pattern as `instead`.
  static Result<TextMatcher> ExactAsWritten(std::string text, std::string_view instead);
  // Anchored at both ends or at neither. Errors: kInvalidArgument: empty, no RE2 syntax, a plain
  // text, half an anchor (Anchors::kSome), or one that matches everything.
  static Result<TextMatcher> Expression(std::string expression);
  // The same with anchors at both ends, so that nobody takes it for a search.
  static Result<TextMatcher> AnchoredExpression(std::string expression);

  bool Matches(std::string_view text) const;
  std::string ToString() const;  // for messages and digests
  const std::string& text() const { return text_; }
  bool IsExpression() const { return compiled_ != nullptr; }

 private:
  struct Compiled;
  static Result<TextMatcher> Compile(std::string expression, bool want_anchors);
  TextMatcher(std::string text, std::shared_ptr<const Compiled> compiled);
  std::string text_;
  std::shared_ptr<const Compiled> compiled_;  // null for exact; shared by copies
};

// Whom a policy names. Subject and issuer are both needed; only for private authorities, whose
// certificates have none, is the issuer absent.
struct IdentityRule {
  TextMatcher subject;
  std::optional<TextMatcher> issuer;
  std::vector<std::pair<std::string, TextMatcher>>
      extensions;  // absent in the certificate: no match
};
// Errors: kPermissionDenied, saying which part wanted what and found what.
Result<void> CheckIdentity(const CertificateIdentity& identity, const IdentityRule& rule);

}  // namespace xzgate::signature
