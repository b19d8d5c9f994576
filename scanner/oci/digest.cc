#include "scanner/oci/digest.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::oci {
namespace {

std::string_view Name(crypto::Algorithm algorithm) {
  return algorithm == crypto::Algorithm::kSha512 ? "sha512" : "sha256";
}

bool IsLowerHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// Ends of the hex digits that ToShort keeps.
constexpr std::size_t kShortHead = 4;
constexpr std::size_t kShortTail = 5;

}  // namespace

Result<Digest> Digest::Parse(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return InvalidArgument("digest " + Quote(text) + ": no algorithm");
  const std::string_view name = text.substr(0, colon);
  const std::string_view hex = text.substr(colon + 1);
  if (name != "sha256" && name != "sha512") {
    return Unsupported("digest " + Quote(text) + ": want sha256 or sha512");
  }
  const auto algorithm = name == "sha256" ? crypto::Algorithm::kSha256 : crypto::Algorithm::kSha512;
  const std::size_t want = 2 * crypto::DigestSize(algorithm);
  if (hex.size() != want || !std::all_of(hex.begin(), hex.end(), IsLowerHex)) {
    return InvalidArgument("digest " + Quote(text) + ": want " + std::to_string(want) +
                           " lower-case hex digits");
  }
  return Digest(algorithm, std::string(hex));
}

Digest Digest::Of(Bytes bytes, crypto::Algorithm algorithm) {
  // SHA-1 names no content in the OCI specifications; nobody may ask for it here.
  const auto registered = algorithm == crypto::Algorithm::kSha512 ? crypto::Algorithm::kSha512
                                                                  : crypto::Algorithm::kSha256;
  return Digest(registered, crypto::HashHex(registered, bytes));
}

std::string Digest::ToString() const {
  return std::string(Name(algorithm_)) + ":" + hex_;
}

std::string Digest::ToShort() const {
  return std::string(Name(algorithm_)) + ":" + hex_.substr(0, kShortHead) + "…" +
         hex_.substr(hex_.size() - kShortTail);
}

}  // namespace xzgate::oci
