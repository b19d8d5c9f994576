#include "scanner/worker/signature_checker.h"

#include <utility>

#include "scanner/signature/image_verifier.h"
#include "scanner/worker/noting_source.h"
#include "scanner/worker/signature_schedule.h"

namespace xzgate::worker {

SignatureChecker::SignatureChecker(registry::ImageSource& source, store::Store& store,
                                   RequirementSource& requirements, const Clock& clock,
                                   log::Logger& logger, ScanObserver& observer)
    : documents_(source, store, clock),
      offline_(store, clock),
      store_(store),
      requirements_(requirements),
      clock_(clock),
      logger_(logger),
      observer_(observer) {}

std::optional<SignatureTrouble> SignatureChecker::Check(const oci::PinnedReference& image,
                                                        const registry::Access& access) {
  std::optional<SignatureTrouble> first;
  signature::ListingRound round(&store_);
  for (const auto& sealed : FindDue(image)) {
    auto trouble = CheckOne(image, sealed, access, round);
    if (trouble && !first) first = std::move(trouble);
    if (access.IsStopped()) break;
  }
  return first;
}

std::vector<signature::SealedRequirement> SignatureChecker::FindDue(
    const oci::PinnedReference& image) {
  std::vector<signature::SealedRequirement> wanted =
      requirements_.RequirementsFor(image.repository());
  if (wanted.empty()) return wanted;
  const auto states = store_.SignatureStates(image);
  // A store that does not answer costs another verification.
  if (!states) return wanted;
  std::erase_if(wanted, [&](const auto& sealed) {
    if (MustVerify(FindState(*states, sealed.fingerprint), clock_.WallNow())) return false;
    // The state stands beside the report, which may be damaged all the same.
    const auto report = store_.FindSignatures(image, sealed.fingerprint);
    return report && *report;
  });
  return wanted;
}

std::optional<SignatureTrouble> SignatureChecker::CheckOne(
    const oci::PinnedReference& image, const signature::SealedRequirement& sealed,
    registry::Access access, signature::ListingRound& round) {
  const SteadyTime start = clock_.Now();
  access.deadline = access.deadline.Min(Deadline::After(start, kMaxTime));
  NotingSource noting(documents_);
  signature::Report report =
      signature::ImageVerifier(noting, &round, clock_).Verify(image, *sealed.requirement, access);
  if (report.reason() == signature::Reason::kRegistry && !access.IsStopped()) {
    signature::Report known = signature::ImageVerifier(offline_, &store_, clock_)
                                  .VerifyOffline(image, *sealed.requirement);
    if (known.outcome() == signature::Outcome::kVerified) report = std::move(known);
  }
  observer_.OnVerification(report, clock_.Now() - start);
  if (report.outcome() == signature::Outcome::kUndecided) {
    Error unknown(ErrorCode::kUnavailable, report.detail());
    const bool asked = report.reason() != signature::Reason::kRegistry || !noting.unanswered();
    return SignatureTrouble{.reason = report.reason(),
                            .error = asked ? std::move(unknown) : *noting.unanswered()};
  }
  logger_.Info("signatures verified", {{"image", image.ToString()},
                                       {"requirement", sealed.requirement->name},
                                       {"outcome", signature::ToString(report.outcome())},
                                       {"reason_code", signature::Code(report.reason())},
                                       {"detail", report.detail()}});
  if (auto put = store_.PutSignatures(image, sealed.fingerprint, report, clock_.WallNow()); !put) {
    logger_.Warning("signature report could not be stored",
                    {{"image", image.ToString()}, {"error", put.error().message()}});
  }
  return std::nullopt;
}

}  // namespace xzgate::worker
