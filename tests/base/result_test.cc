#include "base/result.h"

#include "tests/support/result_matchers.h"

namespace xzgate {
namespace {

using testing::ErrorIs;
using testing::IsOk;

TEST(ErrorTest, ContextIsAddedInFront) {
  const Error error(ErrorCode::kNotFound, "tag \"x\"");
  EXPECT_EQ(error.WithContext("manifest").ToString(), "not_found: manifest: tag \"x\"");
  EXPECT_EQ(Annotate(error, "manifest").error(), error.WithContext("manifest"));
}

struct CodeCase {
  std::string name;
  std::unexpected<Error> made;
  ErrorCode code;
};

class ErrorCodes : public ::testing::TestWithParam<CodeCase> {};

TEST_P(ErrorCodes, HaveAMakerAndASpelling) {
  const Error& error = GetParam().made.error();
  EXPECT_EQ(error.code(), GetParam().code);
  EXPECT_EQ(error.message(), "m");
  EXPECT_EQ(ToString(error.code()), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    All, ErrorCodes,
    ::testing::Values(
        CodeCase{"invalid_argument", InvalidArgument("m"), ErrorCode::kInvalidArgument},
        CodeCase{"not_found", NotFound("m"), ErrorCode::kNotFound},
        CodeCase{"unauthenticated", Unauthenticated("m"), ErrorCode::kUnauthenticated},
        CodeCase{"permission_denied", PermissionDenied("m"), ErrorCode::kPermissionDenied},
        CodeCase{"unavailable", Unavailable("m"), ErrorCode::kUnavailable},
        CodeCase{"deadline_exceeded", DeadlineExceeded("m"), ErrorCode::kDeadlineExceeded},
        CodeCase{"resource_exhausted", ResourceExhausted("m"), ErrorCode::kResourceExhausted},
        CodeCase{"integrity", Integrity("m"), ErrorCode::kIntegrity},
        CodeCase{"unsupported", Unsupported("m"), ErrorCode::kUnsupported},
        CodeCase{"internal", Internal("m"), ErrorCode::kInternal},
        CodeCase{"already_exists", AlreadyExists("m"), ErrorCode::kAlreadyExists},
        CodeCase{"conflict", Conflict("m"), ErrorCode::kConflict}),
    [](const auto& each) { return each.param.name; });

Result<int> Half(int n) {
  if (n % 2 != 0) return InvalidArgument("odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  XZGATE_ASSIGN(const int half, Half(n));
  XZGATE_ASSIGN(const int quarter, Half(half));
  return quarter;
}

Result<void> NeedEven(int n) {
  XZGATE_RETURN_IF_ERROR(Half(n));
  return {};
}

TEST(ResultMacrosTest, PassTheFirstErrorUp) {
  EXPECT_EQ(Quarter(8), 2);
  EXPECT_THAT(Quarter(6), ErrorIs(ErrorCode::kInvalidArgument, "odd"));
  EXPECT_THAT(Quarter(5), ErrorIs(ErrorCode::kInvalidArgument));
  EXPECT_THAT(NeedEven(2), IsOk());
  EXPECT_THAT(NeedEven(3), ErrorIs(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace xzgate
