#pragma once

#include "base/byte_source.h"
#include "base/result.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/facts/probes.h"
#include "scanner/oci/manifest.h"

namespace xzgate::facts {

// Limits of one layer (hardening.md 8.1, 8.2, 8.4); configurable by operators.
struct LayerLimits {
  std::uint64_t max_unpacked_bytes = 32ULL * 1024 * 1024 * 1024;
  std::uint64_t max_ratio = 200;                         // unpacked : packed ...
  std::uint64_t ratio_free_bytes = 64ULL * 1024 * 1024;  // ... counted after this much output
  std::uint64_t max_entries = 5'000'000;
  std::uint64_t max_database_bytes = 128ULL * 1024 * 1024;
};

// The one call from bytes to LayerFacts: decompresses, walks the tar and runs every extractor over
// `blob` as a stream, in bounded memory and without temporary files, while checking the blob's size
// and digest against `layer`. Blocks as the source does. Damage and limits inside the layer come
// back as `incomplete` facts (the rest of the facts still holds); only what makes all of it
// unbelievable is an error: kIntegrity (digest or size differ), and the errors of the source.
Result<LayerFacts> ReadLayer(ByteSource& blob, const oci::Descriptor& layer, const Probes& probes,
                             const LayerLimits& limits);

}  // namespace xzgate::facts
