#pragma once

#include <string>
#include <string_view>

#include "base/crypto/public_key.h"
#include "base/result.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// The key id of a signed note (c2sp.org/signed-note, "Signatures"; 32 bytes, of which the first 4
// stand in a note): Ed25519 and RSA keys by name and key, ECDSA keys by SubjectPublicKeyInfo.
std::string NoteKeyId(std::string_view name, const crypto::PublicKey& key);

// Whether the log signed `message`, in the way that its root says. Errors: kIntegrity,
// kUnsupported.
Result<void> VerifyByLog(const Log& log, std::string_view message, std::string_view signature);

}  // namespace xzgate::signature
