#include "scanner/signature/timestamp_hash.h"

#include <openssl/x509.h>

#include <string>

#include "base/text.h"

namespace xzgate::signature {

Result<crypto::Algorithm> AllowedHash(const X509_ALGOR* algorithm, std::string_view what) {
  const ASN1_OBJECT* oid = nullptr;
  X509_ALGOR_get0(&oid, nullptr, nullptr, algorithm);
  switch (OBJ_obj2nid(oid)) {
    case NID_sha256:
      return crypto::Algorithm::kSha256;
    case NID_sha384:
      return crypto::Algorithm::kSha384;
    case NID_sha512:
      return crypto::Algorithm::kSha512;
    default:
      return Unsupported("timestamp: hash of the " + std::string(what) +
                         ": want SHA-256, SHA-384 or SHA-512, found " +
                         Quote(OBJ_nid2sn(OBJ_obj2nid(oid))));
  }
}

}  // namespace xzgate::signature
