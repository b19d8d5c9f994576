#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/byte_source.h"
#include "scanner/facts/elf_format.h"

namespace xzgate::facts {

// Bytes of a function that DecodeConstantReturn may need.
inline constexpr std::size_t kFunctionBytes = 32;

// What the function that starts at `code` returns, if its whole body is "return constant"
// (xz.md 3.5): on x86-64 and i386 a `mov eax, imm32` and `ret`, on aarch64 `mov w0` (with `movk`
// for the other half, in either order) and `ret`; each also behind the landing pad of control-flow
// protection (endbr64, endbr32, bti), on x86 also inside a frame as compilers write it without
// optimisation. Absent for any other body and machine.
std::optional<std::uint32_t> DecodeConstantReturn(std::uint16_t machine, Bytes code);

}  // namespace xzgate::facts
