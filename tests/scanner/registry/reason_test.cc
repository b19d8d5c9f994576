#include "scanner/registry/reason.h"

#include <gtest/gtest.h>

namespace xzgate::registry {
namespace {

// The codes themselves: tests/webhook/gate/registry_reason_test.cc.
TEST(RegistryReason, StandsBehindTheMessage) {
  EXPECT_EQ(WithReason(Error(ErrorCode::kNotFound, "status 404")), "status 404 [RG004 not found]");
  EXPECT_EQ(WithReason(Error(ErrorCode::kUnavailable, "x").WithKind(ErrorKind::kTls)),
            "x [RG007 TLS]");
  EXPECT_EQ(WithReason(Error(ErrorCode::kInternal, "x")), "x [SY001 internal]");
}

}  // namespace
}  // namespace xzgate::registry
