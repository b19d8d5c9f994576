#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scanner/signature/candidates.h"
#include "scanner/signature/report.h"
#include "scanner/signature/requirement.h"

namespace xzgate::signature {

// Whether what was found for a digest meets a requirement. Pure; thread-safe.
class RequirementCheck {
 public:
  // Tries every candidate with every authority that is asked for. Any one verified signature of an
  // authority is enough for it; failed ones are reported. A candidate that could not be fetched
  // makes the outcome kUndecided where the rest is not enough. Where one attestation may say "no"
  // (MustSeeAll), what was not fetched, not tried or above a limit may be it: kUndecided, or
  // kWronglySigned with kTooMany. `listing` is its fingerprint.
  static Report Judge(const Requirement& requirement, const oci::Digest& digest,
                      const CandidateList& candidates, std::string listing, WallTime now);

  // Of an index whose own report is not verified: verified where every child is, else the worst of
  // them. `children` is not empty.
  static Report JudgeChildren(const Report& own, const std::vector<Report>& children);

 private:
  // `closest`: the failure that tells most; null when there is none.
  static void Explain(Report& report, Reason missing, const CandidateReport* closest,
                      const std::optional<std::string>& not_fetched, bool has_candidates);
};

}  // namespace xzgate::signature
