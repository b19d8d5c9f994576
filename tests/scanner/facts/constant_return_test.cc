#include "scanner/facts/constant_return.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/crypto/digest.h"

namespace xzgate::facts {
namespace {

struct Case {
  const char* name;
  std::uint16_t machine;
  const char* code;  // hex
  std::optional<std::uint32_t> want;
};

class DecodeConstantReturnTest : public ::testing::TestWithParam<Case> {};

TEST_P(DecodeConstantReturnTest, ReadsTheBody) {
  const std::string code = crypto::HexDecode(GetParam().code).value();
  EXPECT_EQ(DecodeConstantReturn(GetParam().machine, AsBytes(code)), GetParam().want);
}

// 50060012 = 0x02fbdaec (xz.md 3.5); on aarch64 mov w0,#0xdaec is 52 9b 5d 80 and movk
// w0,#0x2fb,lsl 16 is 72 a0 5f 60.
const Case kDecoded[] = {
    {"X8664", kEmX8664, "b8ecdafb02c3", 50060012},
    {"X8664WithLandingPad", kEmX8664, "f30f1efab8ecdafb02c3", 50060012},
    {"X8664RepRet", kEmX8664, "b8ecdafb02f3c3", 50060012},
    {"X8664BytesBehind", kEmX8664, "b8ecdafb02c30f1f440000", 50060012},
    {"X8664Frame", kEmX8664, "f30f1efa554889e5b8ecdafb025dc3", 50060012},
    {"I386", kEm386, "f30f1efbb8ecdafb02c3", 50060012},
    {"I386Frame", kEm386, "5589e5b8ecdafb02c9c3", 50060012},
    {"Aarch64", kEmAarch64, "805d9b52605fa072c0035fd6", 50060012},
    {"Aarch64HighFirst", kEmAarch64, "605fa052805d9b72c0035fd6", 50060012},
    {"Aarch64WithLandingPad", kEmAarch64, "5f2403d5805d9b52605fa072c0035fd6", 50060012},
    {"Aarch64Small", kEmAarch64, "40058052c0035fd6", 42},
};
const Case kOther[] = {
    {"Empty", kEmX8664, "", std::nullopt},
    {"X8664Cut", kEmX8664, "b8ecdafb02", std::nullopt},
    {"X8664CutInImmediate", kEmX8664, "b8ecda", std::nullopt},
    {"X8664DoesMore", kEmX8664, "b8ecdafb02ffc0c3", std::nullopt},
    {"X8664OtherRegister", kEmX8664, "b9ecdafb02c3", std::nullopt},
    {"X8664FrameNotUndone", kEmX8664, "554889e5b8ecdafb02c3", std::nullopt},
    {"X8664Jump", kEmX8664, "e9ecdafb02c3", std::nullopt},
    {"Aarch64Cut", kEmAarch64, "805d9b52605fa072", std::nullopt},
    {"Aarch64OtherRegister", kEmAarch64, "815d9b52c0035fd6", std::nullopt},
    {"Aarch64SameHalfTwice", kEmAarch64, "805d9b52805d9b72c0035fd6", std::nullopt},
    {"Aarch64KeepsOldHalf", kEmAarch64, "805d9b72605fa072c0035fd6", std::nullopt},
    {"OtherMachine", 243, "b8ecdafb02c3", std::nullopt},
    {"X8664CodeOnAarch64", kEmAarch64, "b8ecdafb02c3", std::nullopt},
};

std::string Name(const ::testing::TestParamInfo<Case>& param) {
  return param.param.name;
}
INSTANTIATE_TEST_SUITE_P(Decoded, DecodeConstantReturnTest, ::testing::ValuesIn(kDecoded), Name);
INSTANTIATE_TEST_SUITE_P(Other, DecodeConstantReturnTest, ::testing::ValuesIn(kOther), Name);

}  // namespace
}  // namespace xzgate::facts
