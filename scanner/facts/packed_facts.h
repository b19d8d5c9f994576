#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace xzgate::facts {

// What ReadLayer can make: max_fact_bytes of FactLimits, one EntryLog at its limit, and room.
inline constexpr std::size_t kMaxUnpackedFacts = 256 * 1024 * 1024;

// The container of stored facts: a magic, a version, one zstd frame with its checksum.
std::string PackFacts(std::string_view raw);

// Errors: kUnsupported (another version), kIntegrity (no such container, damage, bytes behind it),
// kResourceExhausted (more than kMaxUnpackedFacts).
Result<std::string> UnpackFacts(std::string_view bytes);

}  // namespace xzgate::facts
