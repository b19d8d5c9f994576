#include "scanner/signature/signers.h"

namespace xzgate::signature {
namespace {

std::string KeyName(const VerifiedSignature& signature) {
  return "key " + signature.key_fingerprint();
}

// No subject holds a line end, so that no two identities have one name.
std::string IdentityName(const CertificateIdentity& identity) {
  return "identity " + identity.issuer + "\n" + identity.subject;
}

}  // namespace

Signers::Signers(const std::vector<VerifiedSignature>& signatures) {
  for (const VerifiedSignature& signature : signatures) {
    const auto add = [this](const std::string& name) {
      return numbers_.try_emplace(name, numbers_.size()).first->second;
    };
    const std::size_t by_key = add(KeyName(signature));
    if (!signature.identity()) continue;
    const std::size_t by_identity = add(IdentityName(*signature.identity()));
    if (by_key == by_identity) continue;
    for (auto& [name, number] : numbers_) {
      if (number == by_identity) number = by_key;
    }
  }
}

std::size_t Signers::Of(const VerifiedSignature& signature) const {
  return numbers_.at(KeyName(signature));
}

}  // namespace xzgate::signature
