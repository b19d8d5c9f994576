#include "scanner/facts/constant_return.h"

#include <algorithm>
#include <initializer_list>

namespace xzgate::facts {
namespace {

// Takes `wanted` off the front of `code`, if it is there.
bool Skip(Bytes& code, std::initializer_list<std::uint8_t> wanted) {
  if (code.size() < wanted.size() || !std::equal(wanted.begin(), wanted.end(), code.begin()))
    return false;
  code = code.subspan(wanted.size());
  return true;
}

std::optional<std::uint32_t> DecodeX86(std::uint16_t machine, Bytes code) {
  if (!Skip(code, {0xF3, 0x0F, 0x1E, 0xFA}))
    Skip(code, {0xF3, 0x0F, 0x1E, 0xFB});  // endbr64, endbr32
  const bool has_frame =
      machine == kEmX8664 ? Skip(code, {0x55, 0x48, 0x89, 0xE5}) : Skip(code, {0x55, 0x89, 0xE5});
  if (!Skip(code, {0xB8}) || code.size() < 4) return std::nullopt;  // mov eax, imm32
  const std::uint32_t value = ElfFields(false, false).U32(code, 0);
  code = code.subspan(4);
  if (has_frame && !Skip(code, {0x5D}) && !Skip(code, {0xC9}))
    return std::nullopt;                                             // pop rbp, leave
  if (Skip(code, {0xC3}) || Skip(code, {0xF3, 0xC3})) return value;  // ret, rep ret
  return std::nullopt;
}

// Instructions of A64 are little-endian words whatever the byte order of data (Arm ARM, C6.2: BTI,
// MOVZ, MOVK, RET).
std::optional<std::uint32_t> DecodeAarch64(Bytes code) {
  constexpr std::uint32_t kMovz = 0x52800000;  // movz w0, #0
  constexpr std::uint32_t kMovk = 0x72800000;  // movk w0, #0
  constexpr std::uint32_t kShift16 = 0x00200000;
  constexpr std::uint32_t kImmediate = 0x001FFFE0;
  constexpr std::uint32_t kRet = 0xD65F03C0;
  const ElfFields fields(false, false);
  std::size_t at =
      (fields.U32(code, 0) & 0xFFFFFF3F) == 0xD503241F ? 4 : 0;  // bti, bti c, bti j, bti jc
  const std::uint32_t first = fields.U32(code, at);
  if ((first & ~(kImmediate | kShift16)) != kMovz) return std::nullopt;
  const auto part = [](std::uint32_t instruction) {
    return ((instruction & kImmediate) >> 5) << ((instruction & kShift16) != 0 ? 16 : 0);
  };
  std::uint32_t value = part(first);
  at += 4;
  const std::uint32_t second = fields.U32(code, at);
  if ((second & ~(kImmediate | kShift16)) == kMovk) {
    if ((second & kShift16) == (first & kShift16))
      return std::nullopt;  // the same half twice: not what a compiler writes
    value |= part(second);
    at += 4;
  }
  if (fields.U32(code, at) != kRet) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint32_t> DecodeConstantReturn(std::uint16_t machine, Bytes code) {
  if (machine == kEmX8664 || machine == kEm386) return DecodeX86(machine, code);
  if (machine == kEmAarch64) return DecodeAarch64(code);
  return std::nullopt;
}

}  // namespace xzgate::facts
