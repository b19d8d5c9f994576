#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/signing/test_authority.h"

namespace xzgate::testing {

// What to put into an RFC 3161 answer. The defaults are a good one.
struct TimestampWish {
  WallTime time = kSignedAt;
  std::optional<std::string> raw_time = {};  // content of genTime instead: "20260601000100.5Z"
  crypto::Algorithm imprint = crypto::Algorithm::kSha256;  // SHA-1 too
  std::optional<std::string> imprint_digest = {};          // instead of the right one
  int status = 0;  // 0 granted, 1 granted with modifications
  int version = 1;
  bool has_token = true;
  bool embed_certificate = true;               // the signer's, after those of `first_in_bag`
  std::vector<std::string> first_in_bag = {};  // DER certificates
  std::vector<std::string> last_in_bag = {};
  std::optional<std::int64_t> nonce = {};
  std::optional<Issued> signer = {};  // another certificate and key than the authority's
  std::optional<std::string> signer_name_of =
      {};  // DER certificate whose issuer and serial name the signer
  enum class Ess { kNone, kV1, kV2 } ess = Ess::kV2;
  std::optional<std::string> ess_certificate = {};      // DER; its digest instead of the signer's
  crypto::Algorithm hash = crypto::Algorithm::kSha256;  // of the signature
  std::optional<std::string> message_digest = {};  // the signed attribute instead of the right one
  std::string content_type = "1.2.840.113549.1.9.16.1.4";  // id-ct-TSTInfo
  // The signed attribute of the content's type instead of `content_type`; "": none.
  std::optional<std::string> signed_content_type = {};
  bool signed_attributes = true;    // false: none at all, the signature is over the content
  std::string tst_extensions = {};  // DER of extensions in TSTInfo: test_der.h, Tlv(0xA1, ...)
  std::string tst_trailing = {};    // inside the content, after TSTInfo
  bool break_signature = false;
  int signers = 1;            // how many SignerInfos, all alike
  std::string trailing = {};  // after the answer
};

// A timestamp authority, its answers written by hand so that any field can be wrong. A value.
class TestTsa {
 public:
  // A root, and a leaf by it.
  static TestTsa Create(const std::string& name, const IssueWish& leaf,
                        const TestKey& key = TestKey::Generate());
  static TestTsa Create(const std::string& name);
  TestTsa(std::string name, TestAuthority authority, Issued leaf)
      : name_(std::move(name)), authority_(std::move(authority)), leaf_(std::move(leaf)) {}

  const std::string& name() const { return name_; }
  const TestAuthority& authority() const { return authority_; }
  const Issued& leaf() const { return leaf_; }
  std::vector<std::string> Chain() const;  // DER, leaf first

  // A DER TimeStampResp over `bytes`.
  std::string Stamp(std::string_view bytes, const TimestampWish& wish = {}) const;
  // The TimeStampToken (CMS) alone.
  std::string Token(std::string_view bytes, const TimestampWish& wish = {}) const;

 private:
  std::string name_;
  TestAuthority authority_;
  Issued leaf_;
};

}  // namespace xzgate::testing
