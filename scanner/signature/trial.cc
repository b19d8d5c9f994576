#include "scanner/signature/trial.h"

#include <set>
#include <utility>

#include "base/text.h"
#include "scanner/signature/group.h"
#include "scanner/signature/trail.h"
#include "scanner/signature/verifier.h"

namespace xzgate::signature {
namespace {

CandidateReport Unread(const Candidate& candidate, const oci::Digest& digest) {
  const Error& error = candidate.material.error();
  const Reason reason = IsUnanswered(error)                       ? Reason::kRegistry
                        : error.code() == ErrorCode::kUnsupported ? Reason::kUnsupported
                                                                  : Reason::kMalformed;
  return {.candidate = candidate.ToString(),
          .format = candidate.declared_type,
          .authority = "",
          .subject = digest.ToString(),
          .reason = reason,
          .steps = {{.name = "read",
                     .held = false,
                     .detail = Truncate(error.message(), Trail::kMaxDetailBytes)}}};
}

void Note(Tried& tried, CandidateReport report) {
  if (tried.reports.size() < kMaxCandidateReports) tried.reports.push_back(std::move(report));
}

}  // namespace

Tried TryAll(const Requirement& requirement, const oci::Digest& digest,
             const CandidateList& candidates, WallTime now) {
  Tried tried;
  const std::set<std::string> wanted = AuthoritiesOf(requirement);
  std::size_t attempts = 0;
  for (const Candidate& candidate : candidates.tried) {
    if (!candidate.material) {
      CandidateReport unread = Unread(candidate, digest);
      if (unread.reason == Reason::kRegistry && !tried.not_fetched)
        tried.not_fetched = candidate.ToString() + ": " + unread.steps.back().detail;
      Note(tried, std::move(unread));
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
      Note(tried, {.candidate = candidate.ToString(),
                   .format = std::string(ToString(candidate.material->format)),
                   .authority = authority->name,
                   .subject = digest.ToString(),
                   .reason = attempt.reason,
                   .steps = std::move(attempt.steps)});
      if (attempt.verified) tried.verified.push_back(*std::move(attempt.verified));
    }
  }
  return tried;
}

}  // namespace xzgate::signature
