#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace xzgate::bench {

// The least that any reader of a packed layer has to do: a loop of read and decompress over the
// library's own calls, the output thrown away. Returns the bytes of output. Needs one gzip member
// or zstd frames; kIntegrity for damage, errors of the file.
Result<std::uint64_t> RunRawGzip(const std::string& path);  // ISA-L where there is one, else zlib
Result<std::uint64_t> RunRawZstd(const std::string& path);

// "ISA-L" or "zlib".
const char* RawGzipLibrary();

}  // namespace xzgate::bench
