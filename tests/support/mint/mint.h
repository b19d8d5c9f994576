#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::testing {

// What a row puts beside an image.
struct Evidence {
  std::vector<std::string> bundles = {};             // texts, each in a referrer of its own
  std::vector<LegacyLayer> signature_layers = {};    // of the .sig tag
  std::vector<LegacyLayer> attestation_layers = {};  // of the .att tag
};

// Collects signatures of one image, each with one thing wrong, by family and name, and the trust
// roots and keys that they are to be verified with. What the gate makes of each is said where the
// gate is asked: tests/integration. The root "sigstore" trusts TestSigstore::Default().
class Mint {
 public:
  // Both are "sha256:...": the image, and one that nobody asks about.
  Mint(std::string image, std::string other);

  const std::string& image() const { return image_; }
  const std::string& other() const { return other_; }

  // A signature of the image by TestSigstore::Default(), or by another.
  json::Value Sign(const SigningWish& wish = {}) const;
  static std::string Text(const json::Value& document) { return json::Encode(document); }

  void Put(std::string_view family, std::string_view row, Evidence evidence);
  void PutBundle(std::string_view family, std::string_view row, const json::Value& bundle);
  void PutRoot(std::string_view name, const json::Value& root);
  // A trust root that nobody may be given.
  void PutMistake(std::string_view name, const json::Value& root);
  void PutPem(std::string_view name, const std::string& pem);

  // {"rows": {family: {row: …}}, "roots": {name: text}, "mistakes": …, "pems": …}
  json::Value ToJson() const;

 private:
  std::string image_;
  std::string other_;
  std::map<std::string, std::map<std::string, Evidence>> rows_;
  std::map<std::string, std::string> roots_;
  std::map<std::string, std::string> mistakes_;
  std::map<std::string, std::string> pems_;
};

// The families.
void MintCertificates(Mint& mint);
void MintAuthorities(Mint& mint);
void MintTimes(Mint& mint);
void MintTimestamps(Mint& mint);
void MintEntries(Mint& mint);
void MintProofs(Mint& mint);
void MintBodies(Mint& mint);
void MintKeys(Mint& mint);

// The same Sigstore with another Fulcio.
TestSigstore SigstoreOf(const TestAuthority& fulcio);
// What Default() gives a leaf, to be changed.
IssueWish GoodLeaf();
// The body of the first log entry in a bundle; `text` as a document (aborts when it is none).
json::Value BodyIn(const json::Value& bundle);
json::Value Parsed(std::string_view text);

inline constexpr std::string_view kEntryPath = "verificationMaterial.tlogEntries.0";
inline constexpr std::string_view kRekorAnnotation = "dev.sigstore.cosign/bundle";

}  // namespace xzgate::testing
