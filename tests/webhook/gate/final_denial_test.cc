#include "webhook/gate/final_denial.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/signature_reports.h"
#include "tests/support/signing/test_key.h"

namespace xzgate::gate {
namespace {

using rules::Verdict;
using signature::Outcome;
using signature::Reason;
using ::xzgate::testing::KeyType;
using ::xzgate::testing::SignatureReport;
using ::xzgate::testing::TestKey;

struct Case {
  std::string name;
  Verdict verdict = Verdict::kClean;
  // Of the one report; kUndecided for `reason`, absent: none is there yet.
  std::optional<Outcome> outcome = {};
  Reason reason = Reason::kPending;
  std::string more = {};  // further lines of the policy
  bool final = false;
};

class FinalDenial : public ::testing::TestWithParam<Case> {
 protected:
  static policy::PolicySet Policies(const std::string& more) {
    const auto read = [](const std::string&, std::size_t) -> Result<std::string> {
      return TestKey::Shared(KeyType::kP256).PublicPem();
    };
    const std::string signatures =
        "  signatures: {require: [{all: [release-key]}], outvote: [suspicious]}\n";
    return policy::PolicySet::Parse(
               {{"p.yaml",
                 "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\n"
                 "spec:\n  authorities: [{name: release-key, key: {file: k.pub}}]\n" +
                     signatures + more}},
               read)
        .value();
  }
  static policy::JudgedUse Use(const Case& one) {
    const WallTime now = std::chrono::sys_days(std::chrono::January / 1 / 2026);
    policy::JudgedUse use;
    use.reference = oci::Reference::Parse("reg.example/api:1").value();
    use.report = rules::UnknownReport("sha256:0", rules::Cause::kPending, "", "R@1");
    use.report.verdict = one.verdict;
    if (one.outcome == Outcome::kUndecided) {
      use.signatures.push_back(signature::Report::Undecided(one.reason, "why", now));
    } else if (one.outcome) {
      use.signatures.push_back(SignatureReport(*one.outcome, now));
    }
    return use;
  }
};

TEST_P(FinalDenial, IsWhatNothingElseCouldChange) {
  admission::Request request;
  request.namespace_name = "shop";
  EXPECT_EQ(IsFinalDenial(request, Use(GetParam()), Policies(GetParam().more)), GetParam().final);
}

INSTANTIATE_TEST_SUITE_P(
    All, FinalDenial,
    ::testing::Values(
        Case{.name = "CleanAndVerified", .outcome = Outcome::kVerified},
        Case{.name = "CleanAndPending", .outcome = Outcome::kUndecided},
        Case{.name = "CleanAndNothingYet"},
        Case{.name = "CleanAndRegistryDown",
             .outcome = Outcome::kUndecided,
             .reason = Reason::kRegistry},
        Case{.name = "CleanAndUnsigned", .outcome = Outcome::kUnsigned, .final = true},
        Case{.name = "CleanAndWronglySigned", .outcome = Outcome::kWronglySigned, .final = true},
        Case{.name = "CleanAndUnsignedWhereThatWarns",
             .outcome = Outcome::kUnsigned,
             .more = "  outcomes: {signatures: {unsigned: warn}}\n"},
        Case{.name = "UnsignedInAudit", .outcome = Outcome::kUnsigned, .more = "  mode: audit\n"},
        Case{.name = "UnknownAndVerified",
             .verdict = Verdict::kUnknown,
             .outcome = Outcome::kVerified},
        Case{.name = "UnknownAndPending",
             .verdict = Verdict::kUnknown,
             .outcome = Outcome::kUndecided},
        Case{.name = "UnknownAndUnsigned",
             .verdict = Verdict::kUnknown,
             .outcome = Outcome::kUnsigned,
             .final = true},
        Case{.name = "AffectedAndVerified",
             .verdict = Verdict::kAffected,
             .outcome = Outcome::kVerified,
             .final = true},
        Case{.name = "AffectedAndPending",
             .verdict = Verdict::kAffected,
             .outcome = Outcome::kUndecided,
             .final = true},
        Case{.name = "AffectedAndNothingYet", .verdict = Verdict::kAffected, .final = true},
        Case{.name = "OutvotableAndPending",
             .verdict = Verdict::kSuspicious,
             .outcome = Outcome::kUndecided},
        Case{.name = "OutvotableAndNothingYet", .verdict = Verdict::kSuspicious},
        Case{.name = "OutvotableAndUnsigned",
             .verdict = Verdict::kSuspicious,
             .outcome = Outcome::kUnsigned,
             .final = true},
        Case{.name = "OutvotableAndVerified",
             .verdict = Verdict::kSuspicious,
             .outcome = Outcome::kVerified}),
    [](const auto& test) { return test.param.name; });

TEST(FinalDenialOfNames, IsOneThatCannotBeRead) {
  policy::JudgedUse use;
  use.problem = Error(ErrorCode::kInvalidArgument, "no reference");
  EXPECT_TRUE(IsFinalDenial({}, use, policy::PolicySet()));
}

}  // namespace
}  // namespace xzgate::gate
