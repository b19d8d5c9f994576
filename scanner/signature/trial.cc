#include "scanner/signature/trial.h"

#include <set>
#include <utility>

#include "base/text.h"
#include "scanner/registry/reason.h"
#include "scanner/signature/group.h"
#include "scanner/signature/trail.h"
#include "scanner/signature/verifier.h"

namespace xzgate::signature {
namespace {

// Who and where; what came of it is to be added.
CandidateReport Start(const Candidate& candidate, const oci::Digest& digest) {
  CandidateReport report;
  report.candidate = candidate.ToString();
  report.subject = digest.ToString();
  report.place = ToWord(candidate.place);
  report.digest = candidate.manifest.ToString();
  if (!candidate.declared_type.empty()) report.layer = candidate.layer;
  return report;
}

CandidateReport Unread(const Candidate& candidate, const oci::Digest& digest) {
  const Error& error = candidate.material.error();
  const Reason reason = IsUnanswered(error)                       ? Reason::kRegistry
                        : error.code() == ErrorCode::kUnsupported ? Reason::kUnsupported
                                                                  : Reason::kMalformed;
  const std::string why =
      reason == Reason::kRegistry ? registry::WithReason(error) : error.message();
  CandidateReport report = Start(candidate, digest);
  report.format = candidate.declared_type;
  report.reason = reason;
  report.steps = {{.name = "read", .held = false, .detail = Truncate(why, Trail::kMaxDetailBytes)}};
  return report;
}

void Note(Tried& tried, CandidateReport report, std::size_t candidate, Nearness nearness) {
  if (tried.reports.size() == kMaxCandidateReports) return;
  if (report.reason != Reason::kNone) {
    tried.failures.push_back(
        {.report = tried.reports.size(), .candidate = candidate, .nearness = nearness});
  }
  tried.reports.push_back(std::move(report));
}

}  // namespace

Tried TryAll(const Requirement& requirement, const oci::Digest& digest,
             const CandidateList& candidates, WallTime now) {
  Tried tried;
  const std::set<std::string> wanted = AuthoritiesOf(requirement);
  std::size_t attempts = 0;
  for (std::size_t i = 0; i < candidates.tried.size(); ++i) {
    const Candidate& candidate = candidates.tried[i];
    if (!candidate.material) {
      CandidateReport unread = Unread(candidate, digest);
      if (unread.reason == Reason::kRegistry && !tried.not_fetched)
        tried.not_fetched = candidate.ToString() + ": " + unread.steps.back().detail;
      Note(tried, std::move(unread), i, {});
      continue;
    }
    attempts += wanted.size();
    if (attempts > kMaxAttempts) {
      tried.not_tried.push_back(candidate.ToString());
      continue;
    }
    for (const auto& authority : requirement.authorities) {
      if (!wanted.contains(authority->name)) continue;
      Attempt attempt = SignatureVerifier().Verify(*candidate.material, *authority, digest, now);
      const Nearness nearness = NearnessOf(*candidate.material, *authority, attempt);
      CandidateReport report = Start(candidate, digest);
      report.format = ToString(candidate.material->format);
      report.authority = authority->name;
      report.reason = attempt.reason;
      report.steps = std::move(attempt.steps);
      if (attempt.verified) report.predicate_type = attempt.verified->predicate_type();
      Note(tried, std::move(report), i, nearness);
      if (attempt.verified) tried.verified.push_back(*std::move(attempt.verified));
    }
  }
  return tried;
}

}  // namespace xzgate::signature
