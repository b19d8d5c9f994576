#include "webhook/gate/registry_reason.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace xzgate::gate {
namespace {

// Each code of docs/reasons.md that a registry call can lead to.
struct Case {
  const char* name;
  ErrorCode code;
  ErrorKind kind;
  const char* want;
  rules::Cause cause;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name;
}

class RegistryReason : public ::testing::TestWithParam<Case> {};

TEST_P(RegistryReason, HasItsCodeAndCause) {
  const Error error = Error(GetParam().code, "x").WithKind(GetParam().kind);
  EXPECT_EQ(RegistryReasonCode(error), GetParam().want);
  EXPECT_EQ(RegistryCause(error), GetParam().cause);
}

using enum ErrorCode;
using enum ErrorKind;
using enum rules::Cause;

INSTANTIATE_TEST_SUITE_P(
    Codes, RegistryReason,
    ::testing::Values(Case{"NoConnection", kUnavailable, kOther, "RG001", kUnreachable},
                      Case{"Timeout", kDeadlineExceeded, kOther, "RG001", kUnreachable},
                      Case{"NoCredentials", kUnauthenticated, kOther, "RG002", kUnreachable},
                      Case{"Forbidden", kPermissionDenied, kOther, "RG003", kUnreachable},
                      Case{"NoSuchTag", kNotFound, kOther, "RG004", kUnreachable},
                      Case{"RateLimit", kUnavailable, kRateLimited, "RG005", kUnreachable},
                      Case{"LimitOfOurs", kResourceExhausted, kOther, "RG005", kUnreadable},
                      Case{"AddressGuard", kPermissionDenied, kAddressRefused, "RG006",
                           kUnreachable},
                      Case{"Certificate", kUnavailable, kTls, "RG007", kUnreachable},
                      Case{"OtherBytes", kIntegrity, kOther, "RG008", kUnreadable},
                      Case{"NotWellFormed", kInvalidArgument, kOther, "RG008", kUnreadable},
                      Case{"UnknownFormat", kUnsupported, kOther, "RG008", kUnreadable},
                      Case{"FaultOfOurs", kInternal, kOther, "SY001", kPending}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace xzgate::gate
