#pragma once

#include <string_view>

#include "base/result.h"
#include "scanner/signature/material.h"

namespace xzgate::signature {

// Limits of signatures.md 1.5; those of sigstore-go (internal/limits/limits.go) for the counts.
inline constexpr std::size_t kMaxBundleBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxLogEntries = 32;
inline constexpr std::size_t kMaxTimestamps = 32;
inline constexpr std::size_t kMaxTimestampBytes = 64 * 1024;
inline constexpr std::size_t kMaxCheckpointBytes = 64 * 1024;
inline constexpr std::size_t kMaxProofHashes = 64;  // a tree has at most 2^63 leaves
inline constexpr std::size_t kMaxChain = 10;

// Reads a Sigstore bundle v0.1, v0.2 or v0.3 (protobuf-specs sigstore_bundle.proto as protojson in
// lower camel case), strict by signatures.md 2.1: unknown and duplicate members, several
// signatures, duplicate entries, a root in the chain, a negative index, and what a version forbids
// or misses are refused. Errors, each with the path of the offence: kInvalidArgument, kUnsupported
// (version, kind of content), kResourceExhausted.
Result<Material> ParseBundle(std::string_view json);

// Reads a DSSE envelope (envelope.md) with exactly one signature; base64 in either alphabet.
// Errors as ParseBundle.
Result<Envelope> ParseEnvelope(std::string_view json);

}  // namespace xzgate::signature
