#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/oci/reference.h"
#include "scanner/registry/image_source.h"
#include "scanner/signature/material.h"

namespace xzgate::signature {

inline constexpr std::size_t kMaxCandidates = 50;  // manifests; signatures.md 1.5
// Signatures in them. Where no attestation may be missed, so many simple signings; and of all
// together kMaxCandidates.
inline constexpr std::size_t kMaxTried = 10;
inline constexpr std::size_t kMaxBeyond = 100;     // manifests that are named and not read
inline constexpr std::size_t kMaxHintBytes = 256;  // a longer hint is none
// Manifests that are asked for, so that the newest of many are among those that are read.
inline constexpr std::size_t kMaxReferrersSeen = 1000;
// Of all blobs that are read for one image together.
inline constexpr std::uint64_t kMaxCandidateBytes = 64 * 1024 * 1024;

// Where a candidate was found. All of it is an unsigned hint.
enum class Place : std::uint8_t { kSigTag, kAttTag, kReferrer, kFallbackTag };
std::string_view ToString(Place place);  // "sig tag", "referrer"
std::string_view ToWord(Place place);    // for programs: "sig_tag", "referrer"

// A manifest that may hold signatures of an image.
struct Listed {
  Place place = Place::kReferrer;
  oci::Digest manifest;
  // The predicate type that an annotation claims, "" if none. It decides who is tried first, and
  // nothing else.
  std::string hint = {};
  bool operator==(const Listed&) const = default;

  // "referrer sha256:HEX", in full: what was not tried is to be removed.
  std::string ToString() const;
};

// What a repository has for one digest. A value; small.
struct Listing {
  std::vector<Listed> manifests;  // at most kMaxCandidates, in the order in which they are tried
  std::vector<Listed> beyond;     // more that were seen; named, never read (at most 100)
  bool has_more = false;          // and still more that nobody looked at

  // SHA-256 in hex over the sorted digests and has_more: part of a stored report's key.
  std::string Fingerprint() const;
};
// The form in which a store keeps it.
json::Value ToJson(const Listing& listing);
// Errors: kInvalidArgument, kUnsupported (a digest), kResourceExhausted.
Result<Listing> ListingFromJson(const json::Value& value);

// Asks `repository` (the image's own, or a signatureRepository) what may sign `digest`: .sig and
// .att tags, the referrers API with all its pages, and the fallback tag, also when the API answers
// with an error or an empty list (signatures.md 1.1, 2.3). A tag that does not exist is no error. A
// fallback tag that names no readable index of referrers is listed itself. Order: the .sig tag, the
// .att tag, then what may be a bundle: one of each claimed predicate type in turn, `cosign sign`'s
// own first and the newest of each type first, so that neither many old signatures nor many
// attestations of one type keep the one that is needed from being read; last what says that it is
// something else.
// Errors: those of ImageSource where the registry cannot be asked: never taken for "unsigned".
Result<Listing> ListCandidates(registry::ImageSource& source, const oci::Repository& repository,
                               const oci::Digest& digest, const registry::Access& access);

// Whether a registry's failure says nothing about what it was asked for: kUnavailable,
// kDeadlineExceeded, kUnauthenticated, kPermissionDenied. kNotFound is an answer: whoever may push
// can name what is not there.
bool IsUnanswered(const Error& error);

// Something that claims to be a signature: bytes that nobody vouches for.
struct Candidate {
  Place place = Place::kReferrer;
  oci::Digest manifest;
  std::size_t layer = 0;
  std::string declared_type;  // media type of the layer
  // Or why it could not be read. IsUnanswered: nobody knows what it is; else it is no signature.
  Result<Material> material;

  // "referrer sha256:3a73…82bde, layer 0"; without the layer where the manifest is unreadable.
  std::string ToString() const;
};

struct CandidateList {
  std::vector<Candidate> tried;        // at most `max`
  std::vector<std::string> not_tried;  // in words, those beyond `max` and listing.beyond
  // That all of not_tried are layers of simple signing, none of which can be an attestation. What a
  // hint says proves nothing of the kind.
  bool only_simple_not_tried = false;
};

// Reads what was listed, through calls that name content by digest alone. Manifests without any
// layer of a signature's media type (an SBOM, say) are passed over and do not count. Never fails:
// what cannot be read is a candidate with its error, after those that could. What claims a
// predicate type of `wanted` (kCosignSignPredicate stands for simple signing too) or none is tried
// before the rest; within each, tags, types and manifests take turns, the newest layer first. `max`
// is kMaxTried, or kMaxCandidates for a requirement that must see every attestation.
CandidateList ReadCandidates(registry::ImageSource& source, const oci::Repository& repository,
                             const Listing& listing, const registry::Access& access,
                             const std::vector<std::string>& wanted = {},
                             std::size_t max = kMaxTried);

}  // namespace xzgate::signature
