#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cmd/verify_session.h"
#include "scanner/oci/digest.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/verified.h"

namespace xzgate::cmd {

// What came of a file with its bundle.
struct VerifiedFile {
  std::string name;  // as typed: a path, or "sha256:HEX"
  oci::Digest digest;
  std::string bundle;
  std::string format;  // "bundle v0.3", "" where it could not be read
  signature::Reason reason = signature::Reason::kNone;  // kNone: verified
  std::vector<signature::Step> steps;
};

// Verifies a Sigstore bundle over a file, or over what only its digest is known of. A bundle that
// cannot be read is kMalformed. Errors, each a mistake of the command line: a file that cannot be
// read, what SignerFlags::ToAuthority refuses.
Result<VerifiedFile> VerifyFile(const VerifyFlags& flags, const std::string& target,
                                const Clock& clock);

}  // namespace xzgate::cmd
