#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/value.h"
#include "tests/support/signing/test_entry.h"
#include "tests/support/signing/test_json.h"
#include "tests/support/signing/test_root.h"

namespace xzgate::testing {

inline const std::string kTestSubject =
    "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
inline const std::string kTestIssuer = "https://token.actions.githubusercontent.com";

// How a signature is to be made. The defaults: keyless, Rekor v1, a timestamp too, v0.3.
struct SigningWish {
  enum class Tlog { kNone, kV1, kV2 };
  enum class Entry { kAuto, kHashedRekord, kDsse, kIntoto };  // kAuto: dsse for envelopes
  std::optional<TestKey> key = {};                            // sign by this key, no certificate
  std::optional<TestKey> leaf_key = {};  // of the certificate; else a shared P-256 key
  AlternativeName name = {AlternativeName::Kind::kUri, kTestSubject};
  std::string issuer = kTestIssuer;           // extensions .1 and .8; "": none
  std::vector<RawExtension> extensions = {};  // more of them
  std::optional<IssueWish> leaf = {};         // the whole certificate instead, but for its SCTs
  std::optional<Issued> certificate = {};     // this certificate and its key instead
  std::vector<SctWish> scts = {SctWish{}};    // by TestSigstore::ctlog
  Tlog tlog = Tlog::kV1;
  Entry entry = Entry::kAuto;
  TlogWish log = {};
  bool timestamp = true;
  TimestampWish stamp = {};
  std::string version = "0.3";        // "0.1", "0.2": an x509CertificateChain
  std::optional<SignWish> sign = {};  // else the key's default hash, plain
  std::string key_hint = {};
  // From here on for cosign's legacy layers.
  std::vector<std::pair<std::string, std::string>> annotations = {};  // user's: in what is signed
  std::string docker_reference = "registry.test/shop/api";
};

// A layer of cosign's .sig or .att manifest: its blob and its annotations.
struct LegacyLayer {
  std::string media_type = {};
  std::string blob = {};
  std::vector<std::pair<std::string, std::string>> annotations = {};
  std::string& Annotation(std::string_view name);  // aborts when there is none
  void Remove(std::string_view name);
};

// Fulcio, a CT log, Rekor v1 and v2 and a timestamp authority, which sign whatever a test asks for.
// A value; copies share keys. Default() is made once a process; `Create` makes a stranger's.
class TestSigstore {
 public:
  static const TestSigstore& Default();
  static TestSigstore Create(const std::string& domain);

  TestAuthority fulcio;  // an intermediate below a root
  TestCtLog ctlog;
  TestRekorV1 rekor;
  TestRekorV2 rekor2;
  TestTsa tsa;

  RootDocument Root() const;  // trusts all of the above
  std::string TrustedRoot() const { return Root().Text(); }

  Issued IssueLeaf(const SigningWish& wish) const;

  // A Sigstore bundle: over a DSSE envelope of `payload` (an in-toto statement), or over a message.
  json::Value DsseBundle(std::string_view payload, const SigningWish& wish = {},
                         std::string_view payload_type = "application/vnd.in-toto+json") const;
  json::Value MessageBundle(std::string_view message, const SigningWish& wish = {}) const;
  // What `cosign sign` of v3 stores for an image with this "sha256:..." digest.
  json::Value ImageBundle(std::string_view digest, const SigningWish& wish = {}) const;

  // Layers of a .sig and of an .att manifest.
  LegacyLayer SimpleSigning(std::string_view digest, const SigningWish& wish = {}) const;
  LegacyLayer SimpleSigningOver(std::string payload, const SigningWish& wish = {}) const;
  LegacyLayer Attestation(std::string_view payload, const SigningWish& wish = {}) const;
};

// Payloads. `digest` is "sha256:<hex>".
std::string Statement(std::string_view digest, std::string_view predicate_type,
                      json::Value predicate = json::Object{},
                      const std::vector<std::pair<std::string, std::string>>& annotations = {});
inline constexpr std::string_view kSignPredicate = "https://sigstore.dev/cosign/sign/v1";
std::string SimpleSigningPayload(
    std::string_view digest, std::string_view docker_reference,
    const std::vector<std::pair<std::string, std::string>>& annotations = {});
// "DSSEv1 ..." and the envelope's JSON.
std::string TestPae(std::string_view payload_type, std::string_view payload);
json::Value TestEnvelope(std::string_view payload_type, std::string_view payload,
                         std::string_view signature);

}  // namespace xzgate::testing
