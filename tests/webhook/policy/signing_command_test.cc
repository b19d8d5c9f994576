#include "webhook/policy/signing_command.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/result_matchers.h"
#include "tests/webhook/policy/named_files_fixture.h"

namespace xzgate::policy {
namespace {

using ::xzgate::testing::IsOk;

const std::string kSigns = "signatures: {require: [{any: [a]}]}";
const std::string kNoLog = " --use-signing-config=false --tlog-upload=false";
const std::string kIdentity = "identities: [{issuer: https://issuer.example, subject: s}]";
const std::string kOwnCa =
    "certificate: {roots: {file: root.pem}, identities: [{subject: builder@acme.example}]";

struct Case {
  std::string name;
  std::string authority;
  std::string asked;
  std::string want;
};

class SigningCommands : public ::testing::TestWithParam<Case> {};

TEST_P(SigningCommands, AskNoMoreOfLogsThanThePolicy) {
  const auto& [name, authority, asked, want] = GetParam();
  const auto set = ParseSpec("  authorities: [{name: a, " + authority + "}]\n  " + asked + "\n");
  ASSERT_THAT(set, IsOk());
  const auto& requirement = *set->rules().front().signature_rules.front().sealed.requirement;
  EXPECT_EQ(SigningCommand(requirement, *requirement.authorities.front(), "IMAGE"), want);
}

const Case kCases[] = {
    {"Key", "key: {file: release.pub}", kSigns, "cosign sign --key KEY" + kNoLog + " IMAGE"},
    {"KeyWithTimestamp", "key: {file: release.pub}, requireTimestamp: true", kSigns,
     "cosign sign --key KEY" + kNoLog + " --timestamp-server-url URL IMAGE"},
    {"KeyInThePublicLog", "key: {file: release.pub}, requireTlog: true", kSigns,
     "cosign sign --key KEY IMAGE"},
    {"KeyInALogOfOnesOwn",
     "key: {file: release.pub}, requireTlog: true, trustedRoots: [{file: logs.json}]", kSigns,
     "cosign sign --key KEY --signing-config FILE IMAGE"},
    {"KeyInEither",
     "key: {file: release.pub}, requireTlog: true, trustedRoots: [{file: logs.json}, public-good]",
     kSigns, "cosign sign --key KEY IMAGE"},
    {"Annotations", "key: {file: release.pub}, annotations: {env: prod}", kSigns,
     "cosign sign --key KEY" + kNoLog + " -a env=prod IMAGE"},
    {"Certificate", kOwnCa + "}", kSigns,
     "cosign sign --key KEY --certificate PEM" + kNoLog + " IMAGE"},
    {"CertificateWithTimestamp", kOwnCa + ", requireTimestamp: true}", kSigns,
     "cosign sign --key KEY --certificate PEM" + kNoLog + " --timestamp-server-url URL IMAGE"},
    {"Keyless", "keyless: {" + kIdentity + "}", kSigns, "cosign sign IMAGE"},
    // cosign attest has no annotations.
    {"Attestation", "key: {file: release.pub}, annotations: {env: prod}",
     "attestations: [{type: vuln, any: [a]}]",
     "cosign attest --type https://cosign.sigstore.dev/attestation/vuln/v1 --predicate FILE "
     "--key KEY" +
         kNoLog + " IMAGE"},
};
INSTANTIATE_TEST_SUITE_P(All, SigningCommands, ::testing::ValuesIn(kCases),
                         [](const auto& one) { return one.param.name; });

TEST(SigningCommand, KeylessAtAnInstanceOfOnesOwn) {
  const auto root = signature::TrustedRoot::Parse(TestFiles().at("/etc/p/logs.json"), "own");
  ASSERT_THAT(root, IsOk());
  const signature::Authority authority{
      .name = "a",
      .kind = signature::KeylessAuthority{},
      .roots = {std::make_shared<const signature::TrustedRoot>(*root)}};
  const signature::Requirement requirement{.signatures = signature::Group{}};
  EXPECT_EQ(SigningCommand(requirement, authority, "IMAGE"),
            "cosign sign --signing-config FILE IMAGE");
}

}  // namespace
}  // namespace xzgate::policy
