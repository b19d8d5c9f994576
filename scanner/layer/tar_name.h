#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "scanner/layer/entry_log.h"
#include "scanner/layer/tar_reader.h"

namespace xzgate::layer {

// `raw` with "." and empty parts dropped and ".." taken back, never above the root, as containerd's
// filepath.Clean and root clamp do: "/a/./b/../c/" is "a/c". The root itself is "".
std::string CleanPath(std::string_view raw);

// The same within limits. Errors: kResourceExhausted for too long a path or too many parts.
Result<std::string> CleanPath(std::string_view raw, const TarLimits& limits);

// Refuses a symlink's target that is longer than a path may be (kResourceExhausted).
Result<void> CheckLinkTarget(std::string_view target, const TarLimits& limits);

// Sets type and path of an entry whose cleaned path may spell a whiteout (OCI image-spec,
// layer.md): "d/.wh.x" removes "d/x", "d/.wh..wh..opq" hides the lower content of "d", other
// ".wh..wh." names are aufs's own business. A whiteout of nothing, "." or ".." removes nothing
// here.
void DecodeWhiteout(Entry& entry);

}  // namespace xzgate::layer
