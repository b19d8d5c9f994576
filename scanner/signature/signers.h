#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scanner/signature/verified.h"

namespace xzgate::signature {

// Tells signers apart: what one key made, or one identity (issuer and subject), is one signer's,
// under however many names of authorities. An identity with several keys is one signer, and so is a
// key that stands in a certificate too. A value, made of all that was verified for one digest.
class Signers {
 public:
  explicit Signers(const std::vector<VerifiedSignature>& signatures);

  // The signer's number; `signature` must be one of those.
  std::size_t Of(const VerifiedSignature& signature) const;

 private:
  std::map<std::string, std::size_t> numbers_;  // by key, and by identity
};

// Who vouches: of each authority that does, its signers.
using Vouchers = std::map<std::string, std::set<std::size_t>>;

}  // namespace xzgate::signature
