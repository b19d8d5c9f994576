#pragma once

#include <string>

namespace xzgate::crypto {

// Empties this thread's OpenSSL error queue and says what was in it, oldest first; "no OpenSSL
// error" if it was empty.
std::string DrainOpensslErrors();

}  // namespace xzgate::crypto
