#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/requirement.h"

namespace xzgate::cmd {

// Whom `xzgate verify` is told to believe, and about what.
struct SignerFlags {
  std::vector<std::string> keys;        // PEM files; any of them
  std::optional<std::string> identity;  // exact, or
  std::optional<std::string> identity_expression;
  std::optional<std::string> issuer;  // exact, or
  std::optional<std::string> issuer_expression;
  std::vector<std::string> extensions;     // NAME=VALUE of the certificate
  std::vector<std::string> trusted_roots;  // files; any of them; none: the built-in one
  bool require_tlog = false;
  std::vector<std::string> attestations;  // types; none: a signature of the target itself
  std::vector<std::string> annotations;   // k=v, signed with it
  std::string signature_repository;       // "": the image's own

  bool IsEmpty() const;  // nothing was said
  bool NamesSigner() const;
  bool NamesIdentity() const;

  // The flag that may be missing where a step that asks the trust root failed for `reason`; ""
  // else.
  std::string_view HintFor(signature::Reason reason) const;

  // Who must have signed, from these flags alone: a key, or an identity with its issuer. Reads the
  // files that they name. Errors, each naming the flag and what to give: kInvalidArgument (nobody,
  // both, half of an identity, a private key), those of ReadFile and of the formats.
  Result<std::shared_ptr<const signature::Authority>> ToAuthority() const;

  // The types of `attestations` as URIs. Errors: those of PredicateTypeOf, naming the flag.
  Result<std::vector<std::string>> PredicateTypes() const;

  // What an image must have. Errors as ToAuthority and PredicateTypes.
  Result<signature::Requirement> ToRequirement() const;
};

}  // namespace xzgate::cmd
