#pragma once

#include <cstdint>
#include <string_view>

namespace xzgate::admission {

// What an image is used for.
enum class UseKind : std::uint8_t { kContainer, kInitContainer, kEphemeralContainer, kImageVolume };
std::string_view ToString(
    UseKind kind);  // "container", "init container", "ephemeral container", "image volume"

}  // namespace xzgate::admission
