#include "scanner/signature/requirement_check.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "base/text.h"
#include "scanner/signature/attestations.h"
#include "scanner/signature/group.h"
#include "scanner/signature/simple_signing.h"
#include "scanner/signature/trial.h"

namespace xzgate::signature {
namespace {

std::string QuoteEach(const std::set<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back(Quote(name));
  return xzgate::Join(quoted, ", ");
}

// What is missing, and why; the first of the requirement's parts that is not met.
struct Shortfall {
  Reason reason = Reason::kNone;
  std::string detail;
  std::string predicate_type = {};  // of the attestation that is
};

std::optional<Shortfall> CheckSignatures(const Requirement& requirement, const Tried& tried,
                                         const Signers& signers, std::set<std::string>& vouched,
                                         std::optional<WallTime>& until) {
  if (!requirement.signatures) {
    if (!requirement.attestations.empty()) return std::nullopt;
    return Shortfall{Reason::kNoRequirement, "the requirement asks for nothing"};
  }
  Vouchers vouchers;
  std::set<std::string> names;
  for (const VerifiedSignature& signature : tried.verified) {
    if (!signature.predicate_type().empty()) continue;  // an attestation is no signature
    vouchers[signature.authority()].insert(signers.Of(signature));
    names.insert(signature.authority());
  }
  if (!IsMet(*requirement.signatures, vouchers)) {
    return Shortfall{names.empty() ? Reason::kSignature : Reason::kThreshold,
                     "a signature by " + Describe(*requirement.signatures) + " is wanted" +
                         (names.empty() ? "" : "; only " + QuoteEach(names) + " vouches")};
  }
  for (const VerifiedSignature& signature : tried.verified) {
    if (signature.predicate_type().empty()) KeepEarlier(until, signature.valid_until());
  }
  vouched.insert(names.begin(), names.end());
  return std::nullopt;
}

// What was not read may be an attestation that says "no", whatever its hint claims; only a layer of
// simple signing is none.
std::optional<Shortfall> CheckNoneIsMissed(const AttestationRule& rule,
                                           const CandidateList& candidates, const Tried& tried) {
  if (!MustSeeAll(rule)) return std::nullopt;
  const std::string why =
      "another attestation of type " + Quote(rule.predicate_type) + " may say no";
  if (!candidates.not_tried.empty() && !candidates.only_simple_not_tried)
    return Shortfall{Reason::kTooMany, why};
  if (!tried.not_tried.empty()) return Shortfall{Reason::kTooMany, why};
  if (tried.not_fetched) return Shortfall{Reason::kRegistry, why};
  for (const Candidate& candidate : candidates.tried) {
    if (candidate.material || candidate.declared_type == kSimpleSigningType) continue;
    const Error& error = candidate.material.error();
    if (error.code() == ErrorCode::kResourceExhausted)
      return Shortfall{Reason::kTooMany,
                       why + ": " + candidate.ToString() + ": " + error.message()};
  }
  return std::nullopt;
}

// The failure that tells most about what is missing. Where attestations of the type are there and
// none of them verifies, that is what is wrong, and not that there is none.
const CandidateReport* MostTelling(Shortfall& missing, const CandidateList& candidates,
                                   const Tried& tried) {
  const Failure* closest = Closest(tried.failures);
  const bool verifies = std::ranges::any_of(tried.verified, [&missing](const auto& signature) {
    return signature.predicate_type() == missing.predicate_type;
  });
  if (missing.reason == Reason::kAttestation && !verifies) {
    if (const auto* of_type =
            ClosestAttestation(tried.failures, candidates, missing.predicate_type)) {
      closest = of_type;
      missing.reason = tried.reports[of_type->report].reason;
    }
  }
  return closest == nullptr ? nullptr : &tried.reports[closest->report];
}

}  // namespace

Report RequirementCheck::Judge(const Requirement& requirement, const oci::Digest& digest,
                               const CandidateList& candidates, std::string listing, WallTime now) {
  Tried tried = TryAll(requirement, digest, candidates, now);
  Report report;
  report.listing_ = std::move(listing);
  report.made_ = now;
  report.valid_until_ = now + Report::kDenialLife;
  report.not_tried_ = candidates.not_tried;
  report.not_tried_.insert(report.not_tried_.end(), tried.not_tried.begin(), tried.not_tried.end());
  std::set<std::string> vouched;
  std::optional<WallTime> until;
  const Signers signers(tried.verified);
  std::optional<Shortfall> missing = CheckSignatures(requirement, tried, signers, vouched, until);
  for (const AttestationRule& rule : requirement.attestations) {
    if (missing) break;
    const auto unmet = CheckAttestations(rule, tried.verified, signers, now, vouched, until);
    missing = unmet ? Shortfall{unmet->reason, unmet->detail, rule.predicate_type}
                    : CheckNoneIsMissed(rule, candidates, tried);
  }
  report.vouched_by_.assign(vouched.begin(), vouched.end());
  if (!missing) {
    report.outcome_ = Outcome::kVerified;
    report.reason_ = Reason::kNone;
    report.detail_ = "vouched for by " + QuoteEach(vouched);
    report.valid_until_ = now + Report::kVerifiedLife;
    if (until) report.valid_until_ = std::min(report.valid_until_, *until);
  } else {
    report.detail_ = missing->detail;
    const CandidateReport* closest = MostTelling(*missing, candidates, tried);
    Explain(report, missing->reason, closest, tried.not_fetched, !candidates.tried.empty());
  }
  report.candidates_ = std::move(tried.reports);
  return report;
}

// Why a requirement is not met, in the order of what a person must mend first.
void RequirementCheck::Explain(Report& report, Reason missing, const CandidateReport* closest,
                               const std::optional<std::string>& not_fetched, bool has_candidates) {
  report.outcome_ = Outcome::kWronglySigned;
  report.reason_ = missing;
  if (not_fetched) {
    report.outcome_ = Outcome::kUndecided;
    report.reason_ = Reason::kRegistry;
    report.detail_ += "; " + *not_fetched;
  } else if (!has_candidates && report.not_tried_.empty()) {
    report.outcome_ = Outcome::kUnsigned;
    report.reason_ = Reason::kUnsigned;
    report.detail_ += "; nothing was found that signs it";
  } else if (!report.not_tried_.empty()) {
    report.reason_ = Reason::kTooMany;
    report.detail_ += "; " + std::to_string(report.not_tried_.size()) + " more were not tried";
  } else if (missing != Reason::kTooMany && closest != nullptr &&
             closest->reason == Reason::kTrustRoot) {
    report.outcome_ = Outcome::kUndecided;
    report.reason_ = Reason::kTrustRoot;
  } else if (missing == Reason::kSignature && closest != nullptr) {
    report.reason_ = closest->reason;
  } else if (missing == Reason::kSignature) {
    report.outcome_ = Outcome::kUnsigned;
    report.reason_ = Reason::kUnsigned;
    report.detail_ += "; only attestations were found";
  }
  if (closest != nullptr && !not_fetched) {
    report.detail_ += "; closest: " + closest->candidate +
                      (closest->authority.empty() ? "" : " by " + Quote(closest->authority)) +
                      ": " + closest->steps.back().name + ": " + closest->steps.back().detail;
  }
}

Report RequirementCheck::JudgeChildren(const Report& own, const std::vector<Report>& children) {
  Report report = own;
  std::set<std::string> vouched;
  const Report* worst = nullptr;
  for (const Report& child : children) {
    const std::size_t room = kMaxCandidateReports - report.candidates_.size();
    std::ranges::copy(child.candidates_ | std::views::take(room),
                      std::back_inserter(report.candidates_));
    vouched.insert(child.vouched_by_.begin(), child.vouched_by_.end());
    if (child.outcome_ != Outcome::kVerified &&
        (worst == nullptr || child.outcome_ > worst->outcome_))
      worst = &child;
  }
  const auto ends_first = std::ranges::min_element(children, {}, &Report::valid_until_);
  report.valid_until_ = ends_first->valid_until_;
  if (worst != nullptr) {
    report.outcome_ = worst->outcome_;
    report.reason_ = worst->reason_;
    report.detail_ = own.detail_ + "; of the images in it: " + worst->detail_;
    return report;
  }
  report.outcome_ = Outcome::kVerified;
  report.reason_ = Reason::kNone;
  report.vouched_by_.assign(vouched.begin(), vouched.end());
  report.detail_ = "every image in it is vouched for by " + QuoteEach(vouched);
  return report;
}

}  // namespace xzgate::signature
