#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// One list of a trusted root: what can be used of it, and what was left out and why.
template <typename T>
struct RootList {
  std::vector<T> items;
  std::vector<std::string> notes;
};

enum class AnchorKind : std::uint8_t { kCertificateAuthority, kTimestampAuthority };

// The members of a trusted root that are named `key`. For trusted_root.cc alone. Errors: as
// TrustedRoot::Parse.
Result<RootList<Log>> ReadLogs(const json::Value& root, std::string_view key);
Result<RootList<Anchor>> ReadAnchors(const json::Value& root, std::string_view key,
                                     AnchorKind kind);

// "validFor" or what has its form: `start` must be there, `end` may be absent or null.
Result<Validity> ReadValidity(const json::Value& range, std::string_view path);

}  // namespace xzgate::signature
