#pragma once

#include <string>
#include <vector>

#include "cmd/verify_file.h"
#include "cmd/verify_session.h"

namespace xzgate::cmd {

// "wrongly_signed [SG005 identity]", "verified".
std::string OutcomeText(const signature::Report& report);

// What one report about `image` says, each line behind `indent`: for every candidate each step, and
// why it failed.
std::string SignatureBlock(const signature::Report& report,
                           const std::optional<oci::PinnedReference>& image,
                           const std::string& indent);

// What `verify` prints for people. Names from outside are escaped.
std::string VerifyTable(const std::vector<VerifiedImage>& images);
std::string VerifyTable(const VerifiedFile& file);

// What `verify --format json` prints: schema "xzgate.dev/verify/v1" (docs/signatures.md).
std::string VerifyJson(const std::vector<VerifiedImage>& images);
std::string VerifyJson(const VerifiedFile& file);

// 0 verified or not required, 1 not verified, 3 could not decide: of one, and of the worst (1, then
// 3, then 0). With `must_verify` what is not required is 1 as well.
int ExitCodeOf(signature::Outcome outcome, signature::Reason reason);
int ExitCodeOf(const std::vector<VerifiedImage>& images, bool must_verify);
int ExitCodeOf(const VerifiedFile& file);

// What a file's bundle makes of it, in the words of images.
signature::Outcome OutcomeOf(const VerifiedFile& file);

}  // namespace xzgate::cmd
