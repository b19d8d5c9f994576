#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log/logger.h"

namespace xzgate::log {

// How much of one value reaches a line.
inline constexpr std::size_t kMaxValueBytes = 4096;

// The part of a line after its time. Pure functions; thread-safe. The result is one line whatever
// the values hold.

// `"level":"info","event":"image denied","image":"..."}`: the end of a JSON object.
std::string JsonLine(Level level, std::string_view event, std::initializer_list<Field> fields);

// `INFO image denied image=reg.example/api reason="two words"`.
std::string TextLine(Level level, std::string_view event, std::initializer_list<Field> fields);

}  // namespace xzgate::log
