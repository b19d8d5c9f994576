#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "scanner/signature/requirement.h"

namespace xzgate::cmd {

// Whom `xzgate verify` is told to believe, and about what.
struct SignerFlags {
  std::vector<std::string> keys;  // PEM files; any of them
  std::string identity;           // exact, or
  std::string identity_expression;
  std::string issuer;  // exact, or
  std::string issuer_expression;
  std::vector<std::string> trusted_roots;  // files; any of them; none: the built-in one
  bool require_tlog = false;
  std::vector<std::string> attestations;  // types; none: a signature of the image itself
  std::vector<std::string> annotations;   // k=v, signed with it

  bool IsEmpty() const;  // nothing was said
  bool NamesSigner() const;

  // Who must have signed, from these flags alone: a key, or an identity with its issuer. Reads the
  // files that they name. Errors, each naming the flag and what to give: kInvalidArgument (nobody,
  // both, half of an identity, a private key), those of ReadFile and of the formats.
  Result<std::shared_ptr<const signature::Authority>> ToAuthority() const;

  // What an image must have. Errors as ToAuthority.
  Result<signature::Requirement> ToRequirement() const;
};

}  // namespace xzgate::cmd
