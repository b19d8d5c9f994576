#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/openssl_ptr.h"
#include "base/result.h"

namespace xzgate::http {

// The whole of Mozilla's list is 0.2 MiB.
inline constexpr std::size_t kMaxCaFileBytes = 4 * 1024 * 1024;

// Every certificate of a PEM file of at most kMaxCaFileBytes. Errors: as ReadFile;
// kInvalidArgument naming the file for one that holds no certificate or a damaged one.
Result<std::vector<crypto::X509Ptr>> ReadAuthorities(const std::string& path);

// Every certificate of a PEM text; `what` names it in messages. Errors: kInvalidArgument for one
// that holds no certificate or a damaged one.
Result<std::vector<crypto::X509Ptr>> ParseAuthorities(std::string_view pem, std::string_view what);

}  // namespace xzgate::http
