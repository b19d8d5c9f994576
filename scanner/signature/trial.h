#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/closest.h"
#include "scanner/signature/report.h"
#include "scanner/signature/requirement.h"
#include "scanner/signature/verified.h"

namespace xzgate::signature {

// Verifications for one digest under one requirement: ten candidates by as many authorities as a
// policy may name. What is beyond was not tried.
inline constexpr std::size_t kMaxAttempts = 640;
// Of what is told of them: reports are kept, and an index has one for each of its images.
inline constexpr std::size_t kMaxCandidateReports = 256;

// What came of every candidate with every authority.
struct Tried {
  std::vector<VerifiedSignature> verified;
  std::vector<CandidateReport> reports;    // at most kMaxCandidateReports, the first ones
  std::vector<Failure> failures;           // those of `reports` that did not verify
  std::vector<std::string> not_tried;      // candidates beyond kMaxAttempts
  std::optional<std::string> not_fetched;  // the first candidate that could not be asked for
};

// Tries every candidate with every authority that the requirement names somewhere. Pure.
Tried TryAll(const Requirement& requirement, const oci::Digest& digest,
             const CandidateList& candidates, WallTime now);

}  // namespace xzgate::signature
