#pragma once

#include <string>
#include <string_view>

#include "base/crypto/digest.h"
#include "base/json/value.h"
#include "tests/support/signing/test_key.h"

namespace xzgate::testing {

// What a signature was made over and with, for the body of a log entry.
struct EntryContent {
  std::string signature = {};  // raw bytes
  std::string verifier = {};   // certificate (DER), or SubjectPublicKeyInfo (DER)
  bool is_certificate = true;
  std::string key_details = {};  // "PKIX_ECDSA_P256_SHA_256": Rekor v2 alone
  // hashedrekord: digest of what was signed (raw bytes) and its algorithm
  std::string digest = {};
  crypto::Algorithm algorithm = crypto::Algorithm::kSha256;
  // dsse, intoto
  std::string payload_type = {};
  std::string payload = {};
  std::string envelope = {};  // its JSON

  std::string VerifierPem() const;
};

// Bodies as the logs write them: sorted keys, no white space.
json::Value HashedRekordV1(const EntryContent& content);  // hashedrekord 0.0.1
json::Value DsseV1(const EntryContent& content);          // dsse 0.0.1
json::Value IntotoV2(const EntryContent& content);        // intoto 0.0.2
json::Value HashedRekordV2(const EntryContent& content);  // hashedrekord 0.0.2, Rekor v2

}  // namespace xzgate::testing
