#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace xzgate::testing::der {

// Writes DER (X.690) piece by piece, so that a test can also write what OpenSSL would refuse to.
std::string Tlv(std::uint8_t tag, std::string_view content);
std::string Sequence(std::initializer_list<std::string_view> parts);
std::string Set(std::initializer_list<std::string_view> parts);  // in the order given
std::string Oid(std::string_view dotted);
std::string Integer(std::int64_t value);
std::string Boolean(bool value);
std::string Null();
std::string OctetString(std::string_view content);
std::string Utf8String(std::string_view text);
std::string GeneralizedTime(WallTime time);  // whole seconds
// [n] EXPLICIT around `content`, which is complete.
std::string Explicit(unsigned n, std::string_view content);

// `content` up to the end of the first complete element.
std::string_view First(std::string_view content);
// What is inside of the first element.
std::string_view Inside(std::string_view content);

}  // namespace xzgate::testing::der
