#include "cmd/verify_file.h"

#include <array>
#include <optional>
#include <utility>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "base/text.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/verifier.h"

namespace xzgate::cmd {
namespace {

// A larger file is verified by its digest alone, which pure Ed25519 does not allow.
constexpr std::size_t kMaxContentBytes = 256 * 1024 * 1024;
constexpr std::string_view kDigestStart = "sha256:";

struct Artifact {
  oci::Digest digest;
  std::optional<std::string> content;
};

Result<Artifact> ReadArtifact(const std::string& target) {
  if (target.starts_with(kDigestStart)) {
    XZGATE_ASSIGN(auto digest, oci::Digest::Parse(target));
    return Artifact{.digest = std::move(digest), .content = std::nullopt};
  }
  XZGATE_ASSIGN(const auto file, FileSource::Open(target));
  crypto::Hasher hasher(crypto::Algorithm::kSha256);
  std::string content;
  bool fits = true;
  std::array<std::uint8_t, 64 * 1024> piece{};
  while (true) {
    XZGATE_ASSIGN(const std::size_t size, file->Read(piece));
    if (size == 0) break;
    const Bytes bytes = Bytes(piece).first(size);
    hasher.Update(bytes);
    fits = fits && content.size() + size <= kMaxContentBytes;
    if (fits) content.append(AsText(bytes));
  }
  XZGATE_ASSIGN(auto digest, oci::Digest::Parse(std::string(kDigestStart) + hasher.FinishHex()));
  Artifact artifact{.digest = std::move(digest), .content = std::nullopt};
  if (fits) artifact.content = std::move(content);
  return artifact;
}

// The last step: whether what was proved is of the kind that was asked for. `wanted` is "" for a
// signature of the file's bytes, else the type of the statement about it.
void CheckType(const std::string& wanted, const std::string& found, VerifiedFile& file) {
  if (found == wanted) {
    if (!wanted.empty()) file.steps.push_back({.name = "type", .held = true, .detail = wanted});
    return;
  }
  std::string why;
  if (wanted.empty()) {
    file.reason = signature::Reason::kClaims;
    why = "an attestation of type " + Quote(found) +
          " is no signature of the file; pass --attestation TYPE if that is what is wanted";
  } else {
    file.reason = signature::Reason::kAttestation;
    why = "want an attestation of type " + Quote(wanted) + ", found " +
          (found.empty() ? "a signature of the file's bytes" : "one of type " + Quote(found));
  }
  file.steps.push_back({.name = "type", .held = false, .detail = std::move(why)});
}

}  // namespace

Result<VerifiedFile> VerifyFile(const VerifyFlags& flags, const std::string& target,
                                const Clock& clock) {
  XZGATE_ASSIGN(const auto authority, flags.signer.ToAuthority());
  XZGATE_ASSIGN(const auto types, flags.signer.PredicateTypes());
  auto json = ReadFile(flags.bundle, signature::kMaxBundleBytes);
  if (!json) return Annotate(json.error(), "--bundle");
  auto artifact = ReadArtifact(target);
  if (!artifact) return Annotate(artifact.error(), "artifact " + Quote(target));
  VerifiedFile file{.name = target,
                    .digest = artifact->digest,
                    .bundle = flags.bundle,
                    .format = "",
                    .reason = signature::Reason::kMalformed,
                    .steps = {}};
  const auto material = signature::ParseBundle(*json);
  if (!material) {
    if (material.error().code() == ErrorCode::kUnsupported)
      file.reason = signature::Reason::kUnsupported;
    file.steps.push_back({.name = "read", .held = false, .detail = material.error().message()});
    return file;
  }
  std::optional<std::string_view> content;
  if (artifact->content) content = *artifact->content;
  auto attempt = signature::SignatureVerifier().VerifyBlob(*material, *authority, artifact->digest,
                                                           content, clock.WallNow());
  file.format = ToString(material->format);
  file.reason = attempt.verified ? signature::Reason::kNone : attempt.reason;
  file.steps = std::move(attempt.steps);
  file.hint = flags.signer.HintFor(file.reason);
  if (attempt.verified) file.predicate_type = attempt.verified->predicate_type();
  if (attempt.verified)
    CheckType(types.empty() ? "" : types.front(), attempt.verified->predicate_type(), file);
  return file;
}

}  // namespace xzgate::cmd
