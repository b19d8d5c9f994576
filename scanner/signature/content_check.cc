#include "scanner/signature/content_check.h"

#include <algorithm>

#include "base/text.h"
#include "scanner/signature/simple_signing.h"
#include "scanner/signature/statement.h"

namespace xzgate::signature {
namespace {

using crypto::Algorithm;
using crypto::KeyKind;
using crypto::Scheme;

// In the order in which they are tried.
std::vector<Scheme> SchemesOf(KeyKind kind, bool is_message) {
  const Scheme by_key{.hash = crypto::DefaultHash(kind)};
  switch (kind) {
    case KeyKind::kRsa:
    case KeyKind::kEcdsaP256:
      return {by_key};
    case KeyKind::kEcdsaP384:
    case KeyKind::kEcdsaP521:
      return {by_key, Scheme{.hash = Algorithm::kSha256}};
    case KeyKind::kEd25519:
      // Sigstore's algorithm registry: bundles over messages are prehashed, envelopes are not.
      if (is_message)
        return {Scheme{.hash = Algorithm::kSha512, .form = Scheme::Form::kPrehash}, {}};
      return {Scheme{}};
  }
  return {};
}

// The first scheme that verifies; the first one's error where none does.
template <typename Verify>
Result<void> FirstThatHolds(const std::vector<Scheme>& schemes, const Verify& verify) {
  std::optional<Error> first;
  for (const Scheme& scheme : schemes) {
    const Result<void> held = verify(scheme);
    if (held) return {};
    if (!first) first = held.error();
  }
  return std::unexpected(first.value_or(Error(ErrorCode::kUnsupported, "no scheme for this key")));
}

Result<void> CheckOver(std::string_view message, const std::string& signature,
                       const crypto::PublicKey& key, bool is_message) {
  return FirstThatHolds(SchemesOf(key.kind(), is_message), [&](const Scheme& scheme) {
    return key.Verify(AsBytes(message), AsBytes(signature), scheme);
  });
}

// Only the digest is known: SHA-256, whatever the key would take.
Result<void> CheckOverDigest(const oci::Digest& digest, const std::string& signature,
                             const crypto::PublicKey& key) {
  if (key.kind() == KeyKind::kEd25519) {
    return Unsupported(
        "an Ed25519 signature is verified over the file itself: give the file, not its digest");
  }
  const auto raw = crypto::HexDecode(digest.hex());
  return key.VerifyDigest(AsBytes(*raw), AsBytes(signature), Scheme{.hash = Algorithm::kSha256});
}

// The artifact's digest by the bundle's algorithm; absent where only another one is known.
std::optional<std::string> DigestBy(Algorithm algorithm, const Artifact& artifact) {
  if (algorithm == artifact.digest.algorithm()) return artifact.digest.hex();
  if (!artifact.content) return std::nullopt;
  return crypto::HashHex(algorithm, AsBytes(*artifact.content));
}

Result<void> CheckMessage(const MessageSignature& message, const crypto::PublicKey& key,
                          const Artifact& artifact) {
  // The bundle's own word for the digest is a hint, and must not be a wrong one.
  const std::string name(ToString(message.digest_algorithm));
  const auto digest = DigestBy(message.digest_algorithm, artifact);
  if (!message.digest.empty() && !digest) {
    return Unsupported("the bundle is about a digest by " + name +
                       ": give the file, not its digest by another algorithm");
  }
  if (!message.digest.empty() && message.digest != *digest) {
    return Integrity("the bundle is about " + name + ":" + message.digest + ", not about " + name +
                     ":" + *digest);
  }
  if (artifact.content) return CheckOver(*artifact.content, message.signature, key, true);
  if (message.digest.empty()) {
    return Unsupported("the bundle names no digest: give the file itself, not its digest");
  }
  return CheckOverDigest(artifact.digest, message.signature, key);
}

bool IsSimpleSigning(const Material& material) {
  return material.format == Format::kSimpleSigning;
}

Result<void> CheckAnnotations(const Annotations& signed_ones, const Annotations& wanted) {
  for (const auto& [name, value] : wanted) {
    const auto found = std::ranges::find(signed_ones, name, &Annotations::value_type::first);
    if (found == signed_ones.end())
      return Integrity("annotation " + Quote(name) + " is not signed; want " + Quote(value));
    if (found->second != value) {
      return Integrity("annotation " + Quote(name) + ": want " + Quote(value) + ", signed is " +
                       Quote(found->second));
    }
  }
  return {};
}

bool CheckSimpleSigning(const std::string& payload, const Artifact& artifact,
                        const Annotations& annotations, Trail& trail) {
  const auto said = ParseSimpleSigning(payload);
  if (!said) return trail.Fail("claims", Reason::kMalformed, said.error());
  if (said->digest != artifact.digest) {
    return trail.Fail(
        "claims", Reason::kClaims,
        "signed is " + said->digest.ToString() + ", not " + artifact.digest.ToString());
  }
  const auto agreed = CheckAnnotations(said->annotations, annotations);
  if (!agreed) return trail.Fail("claims", Reason::kClaims, agreed.error());
  return trail.Hold("claims", "a signature of " + artifact.digest.ToShort());
}

bool CheckStatement(const Envelope& envelope, const Artifact& artifact,
                    const Annotations& annotations, Trail& trail, Claims& claims) {
  if (envelope.payload_type != kInTotoType) {
    return trail.Fail(
        "claims", Reason::kMalformed,
        "payload type " + Quote(envelope.payload_type) + ": want " + Quote(kInTotoType));
  }
  auto statement = ParseStatement(envelope.payload);
  if (!statement) return trail.Fail("claims", Reason::kMalformed, statement.error());
  const Subject* subject = statement->FindSubject(artifact.digest);
  if (subject == nullptr) {
    return trail.Fail("claims", Reason::kClaims,
                      "the statement is not about " + artifact.digest.ToString());
  }
  const auto agreed = CheckAnnotations(subject->annotations, annotations);
  if (!agreed) return trail.Fail("claims", Reason::kClaims, agreed.error());
  if (!artifact.is_file && statement->predicate_type == kCosignSignPredicate) {
    return trail.Hold("claims", "a signature of " + artifact.digest.ToShort());
  }
  claims.predicate_type = std::move(statement->predicate_type);
  claims.predicate = std::move(statement->predicate);
  return trail.Hold("claims", "an attestation of type " + Quote(claims.predicate_type) + " about " +
                                  artifact.digest.ToShort());
}

}  // namespace

Result<void> CheckSignature(const Material& material, const crypto::PublicKey& key,
                            const Artifact& artifact) {
  if (const auto* envelope = std::get_if<Envelope>(&material.content)) {
    return CheckOver(PreAuthEncoding(envelope->payload_type, envelope->payload),
                     envelope->signature, key, false);
  }
  const auto& message = std::get<MessageSignature>(material.content);
  if (IsSimpleSigning(material)) return CheckOver(message.payload, message.signature, key, false);
  return CheckMessage(message, key, artifact);
}

bool CheckClaims(const Material& material, const Artifact& artifact, const Annotations& annotations,
                 Trail& trail, Claims& claims) {
  if (const auto* envelope = std::get_if<Envelope>(&material.content))
    return CheckStatement(*envelope, artifact, annotations, trail, claims);
  const auto& message = std::get<MessageSignature>(material.content);
  if (IsSimpleSigning(material)) {
    if (artifact.is_file) {
      return trail.Fail("claims", Reason::kClaims, "simple signing is about images, not files");
    }
    return CheckSimpleSigning(message.payload, artifact, annotations, trail);
  }
  if (!artifact.is_file) {
    return trail.Fail("claims", Reason::kClaims,
                      "a bundle over bytes (messageSignature) names no image: want a statement");
  }
  const auto agreed = CheckAnnotations({}, annotations);  // it has none
  if (!agreed) return trail.Fail("claims", Reason::kClaims, agreed.error());
  return trail.Hold("claims", "a signature over the bytes of " + artifact.digest.ToShort());
}

}  // namespace xzgate::signature
