#pragma once

#include <string_view>

#include "scanner/signature/timestamp_token.h"

namespace xzgate::signature {

// Reads the DER of a TSTInfo, the content of a timestamp token, and nothing after it. Errors:
// kInvalidArgument, kUnsupported (hash of the imprint, a critical extension).
Result<TimestampInfo> ParseTimestampInfo(std::string_view content);

// Reads a GeneralizedTime of RFC 3161: "20260601000100Z", with a fraction of a second perhaps.
Result<WallTime> ParseGeneralizedTime(std::string_view text);

}  // namespace xzgate::signature
