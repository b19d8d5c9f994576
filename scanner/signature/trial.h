#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/report.h"
#include "scanner/signature/requirement.h"
#include "scanner/signature/verified.h"

namespace xzgate::signature {

// What came of every candidate with every authority.
struct Tried {
  std::vector<VerifiedSignature> verified;
  std::vector<CandidateReport> reports;
  std::optional<std::string> not_fetched;  // the first candidate that could not be asked for
};

// Tries every candidate with every authority that the requirement names somewhere. Pure.
Tried TryAll(const Requirement& requirement, const oci::Digest& digest,
             const CandidateList& candidates, WallTime now);

}  // namespace xzgate::signature
