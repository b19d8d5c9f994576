#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/signing/test_key.h"
#include "tests/support/signing/test_times.h"

namespace xzgate::testing {

// One subject alternative name; the text may be anything, NUL too.
struct AlternativeName {
  enum class Kind : std::uint8_t { kUri, kEmail, kDns, kUserName /* Fulcio's otherName .7 */ };
  Kind kind = Kind::kUri;
  std::string text = {};
};

struct RawExtension {
  std::string oid = {};
  std::string value = {};  // inside of the OCTET STRING
  bool critical = false;
};

// Fulcio's extension 1.3.6.1.4.1.57264.1.`number`: numbers up to 6 hold the text itself, later ones
// a DER UTF8String.
RawExtension FulcioExtension(int number, std::string_view text);

// Makes a serialized SCT of the certificate without its SCTs: its TBSCertificate and the issuer's
// SubjectPublicKeyInfo. TestCtLog::Maker gives one.
using SctMaker = std::function<std::string(std::string_view tbs, std::string_view issuer_spki)>;

// What to issue. The defaults are those of a Fulcio leaf without names and extensions.
struct IssueWish {
  std::string common_name = {};  // "": an empty subject
  std::string organization = {};
  WallTime not_before = kLeafStart;
  WallTime not_after = kLeafEnd;
  std::vector<AlternativeName> names = {};
  bool names_critical = true;
  std::string key_usage = "critical,digitalSignature";  // OpenSSL's spelling; "": none
  std::string extended_key_usage = "codeSigning";       // the same
  std::string basic_constraints = {};                   // "critical,CA:TRUE,pathlen:0"
  bool key_identifiers = true;
  std::vector<RawExtension> extensions = {};  // in this order
  std::vector<SctMaker> scts = {};            // into one list, the last extension
  // The whole value of the SCT extension instead: content of its OCTET STRING.
  std::optional<std::string> raw_sct_extension = {};
  crypto::Algorithm hash = crypto::Algorithm::kSha256;
};

// What an authority, a TSA's leaf and so on start from.
IssueWish RootWish(std::string common_name);
IssueWish IntermediateWish(std::string common_name, std::string extended_key_usage);
IssueWish TsaLeafWish(std::string common_name);

// A certificate with its key. A value.
struct Issued {
  std::string der = {};
  TestKey key;
  std::string Pem() const;
};

// A certificate authority. A value; copies share their keys.
class TestAuthority {
 public:
  static TestAuthority Root(const IssueWish& wish, const TestKey& key = TestKey::Generate());
  TestAuthority Intermediate(const IssueWish& wish, const TestKey& key = TestKey::Generate()) const;
  Issued Issue(const IssueWish& wish, const TestKey& key = TestKey::Generate()) const;
  // Like this one, with another certificate that was issued to the same key (or to another).
  static TestAuthority Of(Issued issued, std::vector<std::string> above);

  const std::string& der() const { return self_.der; }
  const TestKey& key() const { return self_.key; }
  std::string Pem() const { return self_.Pem(); }
  // DER of this one and of those above, the root last.
  std::vector<std::string> Chain() const;

 private:
  TestAuthority(Issued self, std::vector<std::string> above)
      : self_(std::move(self)), above_(std::move(above)) {}
  Issued self_;
  std::vector<std::string> above_;
};

}  // namespace xzgate::testing
