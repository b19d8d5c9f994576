#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "scanner/signature/log_check.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_sigstore.h"

// Signatures with their entries in the logs of TestSigstore, for the tests of log_check.
namespace xzgate::signature::log_fixture {

using ::xzgate::testing::Base64;
using ::xzgate::testing::DsseV1;
using ::xzgate::testing::EntryContent;
using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::HashedRekordV1;
using ::xzgate::testing::HashedRekordV2;
using ::xzgate::testing::IntotoV2;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::Issued;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::kSignedAt;
using ::xzgate::testing::TestKey;
using ::xzgate::testing::TestLogEntry;
using ::xzgate::testing::TestPae;
using ::xzgate::testing::TestSigstore;
using ::xzgate::testing::TextAt;
using ::xzgate::testing::TlogWish;
using ::xzgate::testing::With;
using ::xzgate::testing::Without;

inline constexpr std::string_view kType = "application/vnd.in-toto+json";
inline const std::string kPayload = R"({"_type":"https://in-toto.io/Statement/v1"})";
inline const std::string kSimpleDocument = R"({"critical":{},"optional":null})";

inline const TestSigstore& Sigstore() {
  return TestSigstore::Default();
}

inline std::string Hash(crypto::Algorithm algorithm, std::string_view bytes) {
  return crypto::HashBytes(algorithm, AsBytes(bytes));
}

inline LogEntry ToEntry(const TestLogEntry& from) {
  LogEntry entry{.index = from.log_index,
                 .log_id = from.log_id,
                 .kind = from.kind,
                 .version = from.version,
                 .integrated_time = from.integrated_time,
                 .signed_entry_timestamp = from.set,
                 .proof = std::nullopt,
                 .body = from.body};
  if (from.has_proof) {
    entry.proof = InclusionProof{.index = from.proof_index,
                                 .tree_size = from.tree_size,
                                 .root = from.root,
                                 .hashes = from.hashes,
                                 .checkpoint = from.checkpoint};
  }
  return entry;
}

enum class What { kEnvelope, kDocument, kBlob };
enum class By { kCertificate, kKey };

// A signature, and what a log is told about it.
struct Signature {
  Material material;
  EntryContent content;
  std::optional<crypto::PublicKey> key;
  std::string artifact_digest;
};

inline Signature Sign(What what, By by, KeyType type = KeyType::kP256) {
  const TestKey& key = TestKey::Shared(type);
  Signature result;
  result.key = crypto::PublicKey::FromDer(AsBytes(key.Spki())).value();
  if (by == By::kCertificate) {
    const std::string leaf = Sigstore().IssueLeaf({.leaf_key = key}).der;
    result.material.certificate = crypto::Certificate::FromDer(AsBytes(leaf)).value();
  }
  const std::string message = what == What::kEnvelope ? TestPae(kType, kPayload) : kSimpleDocument;
  const std::string signature = key.SignByDefault(message);
  if (what == What::kEnvelope) {
    result.material.content = Envelope{.payload_type = std::string(kType),
                                       .payload = kPayload,
                                       .signature = signature,
                                       .key_id = ""};
  } else {
    result.material.content =
        MessageSignature{.signature = signature,
                         .digest = "",
                         .payload = what == What::kDocument ? kSimpleDocument : ""};
  }
  result.material.format = what == What::kDocument ? Format::kSimpleSigning : Format::kBundleV03;
  result.artifact_digest = crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(message));
  result.content = {.signature = signature,
                    .verifier = by == By::kKey ? key.Spki() : result.material.certificate->der(),
                    .is_certificate = by == By::kCertificate,
                    .key_details = key.Details(),
                    .digest = Hash(key.DefaultHash(), message),
                    .algorithm = key.DefaultHash(),
                    .payload_type = std::string(kType),
                    .payload = kPayload,
                    .envelope = "{}"};
  return result;
}

inline const TrustedRoot& Root() {
  static const TrustedRoot root = TrustedRoot::Parse(Sigstore().TrustedRoot(), "test").value();
  return root;
}

inline Result<std::optional<Logged>> Check(const LogEntry& entry, const Signature& signature,
                                           const TrustedRoot& root = Root()) {
  return CheckLogEntry(entry,
                       {.material = signature.material,
                        .key = *signature.key,
                        .artifact_digest = signature.artifact_digest},
                       root);
}

inline LogEntry Add1(const json::Value& body, const TlogWish& wish = {}) {
  return ToEntry(Sigstore().rekor.Add(body, wish));
}
inline LogEntry Add2(const json::Value& body, const TlogWish& wish = {}) {
  return ToEntry(Sigstore().rekor2.Add(body, wish));
}

using Content = const EntryContent&;
inline LogEntry V1Hashed(Content c) {
  return Add1(HashedRekordV1(c));
}
inline LogEntry V1Dsse(Content c) {
  return Add1(DsseV1(c));
}
inline LogEntry V1Intoto(Content c) {
  return Add1(IntotoV2(c));
}
inline LogEntry V2Hashed(Content c) {
  return Add2(HashedRekordV2(c));
}

inline LogEntry WithoutSet(LogEntry entry) {
  entry.signed_entry_timestamp.clear();
  return entry;
}
inline LogEntry WithoutProof(LogEntry entry) {
  entry.proof.reset();
  return entry;
}

inline constexpr auto kP256 = KeyType::kP256;

// One field away from what is accepted, in a signature or in its entry.
struct RejectCase {
  std::string name;
  What what;
  By by;
  std::function<LogEntry(Signature&)> entry;
  std::string want;  // in the message
  ErrorCode code = ErrorCode::kIntegrity;
};

// Entries that the log vouches for, with another body.
inline json::Value BodyOf(Signature& s) {
  if (s.material.format == Format::kSimpleSigning) return HashedRekordV1(s.content);
  return DsseV1(s.content);
}
inline std::function<LogEntry(Signature&)> WithBody(std::string path, json::Value value) {
  return [=](Signature& s) { return Add1(With(BodyOf(s), path, value)); };
}
inline std::function<LogEntry(Signature&)> WithBody2(std::string path, json::Value value) {
  return [=](Signature& s) {
    return Add2(With(HashedRekordV2(s.content), "spec.hashedRekordV002." + path, value));
  };
}
inline std::function<LogEntry(Signature&)> Change1(std::function<void(LogEntry&)> change) {
  return [=](Signature& s) {
    LogEntry entry = Add1(BodyOf(s));
    change(entry);
    return entry;
  };
}
inline std::function<LogEntry(Signature&)> Change2(std::function<void(LogEntry&)> change) {
  return [=](Signature& s) {
    LogEntry entry = Add2(HashedRekordV2(s.content));
    change(entry);
    return entry;
  };
}
// The log is told something else than what the signature has.
inline std::function<LogEntry(Signature&)> WithContent(std::function<LogEntry(Content)> add,
                                                       std::function<void(EntryContent&)> change) {
  return [=](Signature& s) {
    EntryContent content = s.content;
    change(content);
    return add(content);
  };
}

inline void Flip(std::string& bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
}

inline constexpr auto kCert = By::kCertificate;

}  // namespace xzgate::signature::log_fixture
