#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xzgate {

// Text helpers for names that came from outside. Pure functions; thread-safe.

// Whether a character (one sequence as Utf8Length counts it) does something to a terminal or an eye
// instead of showing itself: the controls of ASCII and U+0080 to U+009F, the line separators U+2028
// and U+2029, the marks that change the direction of writing, what has no width. Escape and
// json::Encode hide these.
bool IsControl(std::string_view character);

// `text` in double quotes, at most `max_bytes` of it ("…" after), characters of IsControl, quotes
// and invalid UTF-8 as \xNN: safe in a log line, a terminal and a message. A backslash stands as it
// is (expressions are copied from messages), but as \x5c where it would look like such an escape,
// and at the end: different texts never look the same.
std::string Quote(std::string_view text, std::size_t max_bytes = 256);

// The same escaping without the quotes.
std::string Escape(std::string_view text, std::size_t max_bytes = 256);

// For a text whose foreign parts were escaped when it was made (an error's message): as it is, cut
// at `max_bytes`; escaped as a whole only if it still holds what Escape hides besides quotes and
// backslashes. Escaping it again would escape its escapes.
std::string EscapeOnce(std::string_view text, std::size_t max_bytes = 256);

bool IsValidUtf8(std::string_view text);

// Bytes of the well-formed UTF-8 sequence at the front of `text`; 0 if there is none (RFC 3629,
// section 4).
std::size_t Utf8Length(std::string_view text);

// Cuts at `max_bytes` without splitting a UTF-8 sequence; "…" (3 bytes, counted) marks a cut.
std::string Truncate(std::string_view text, std::size_t max_bytes);

std::vector<std::string_view> Split(std::string_view text, char separator);
std::string_view Trim(std::string_view text);                   // spaces and tabs at both ends
std::string ToLower(std::string_view text);                     // ASCII only
bool EqualsIgnoreCase(std::string_view a, std::string_view b);  // ASCII only
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// The whole of `text` as a decimal number; absent for a sign, a space, an overflow or nothing.
std::optional<std::uint64_t> ParseUint(std::string_view text);

// Matches `text` against a pattern in which `*` stands for any run of characters but '/', `**` for
// any run, `?` for one character but '/'. Linear in the product of both lengths; no recursion.
bool GlobMatches(std::string_view pattern, std::string_view text);

}  // namespace xzgate
