#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/signing/test_authority.h"

namespace xzgate::testing {

// What to put into a signed certificate timestamp.
struct SctWish {
  WallTime time = kLeafStart;
  std::string extensions = {};                          // signed; Static CT puts 8 bytes here
  std::optional<std::string> unsigned_extensions = {};  // written instead of those that were signed
  std::optional<std::string> issuer_spki = {};          // signed instead of the issuer's
  std::optional<std::string> log_id = {};               // written instead of the log's
  std::optional<WallTime> unsigned_time = {};  // written instead of the one that was signed
  std::uint8_t version = 0;
  std::optional<std::uint8_t> hash_algorithm = {};       // of TLS; else SHA-256
  std::optional<std::uint8_t> signature_algorithm = {};  // of TLS; else that of the key
  bool break_signature = false;
  std::string trailing = {};  // after the signature
};

// A certificate transparency log (RFC 6962): signs whatever it is given. A value.
class TestCtLog {
 public:
  TestCtLog(std::string host, TestKey key) : host_(std::move(host)), key_(std::move(key)) {}

  const std::string& host() const { return host_; }
  const TestKey& key() const { return key_; }
  std::string Id() const;  // SHA-256 of the SubjectPublicKeyInfo, 32 bytes

  // A serialized SCT over a certificate without SCTs (RFC 6962, section 3.2).
  std::string Sct(std::string_view tbs, std::string_view issuer_spki, const SctWish& wish) const;
  // For IssueWish::scts.
  SctMaker Maker(SctWish wish = {}) const;

 private:
  std::string host_;
  TestKey key_;
};

// The TLS encoding of a list of serialized SCTs (RFC 6962, section 3.3).
std::string SctList(const std::vector<std::string>& scts);

}  // namespace xzgate::testing
