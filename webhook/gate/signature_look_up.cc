#include "webhook/gate/signature_look_up.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace xzgate::gate {

bool IsPending(const signature::Report& report) {
  return report.reason() == signature::Reason::kPending;
}

bool HasPending(const std::vector<signature::Report>& reports) {
  return std::ranges::any_of(reports, IsPending);
}

void ReplacePending(std::vector<signature::Report>& reports, const signature::Report& by) {
  std::ranges::replace_if(reports, IsPending, by);
}

signature::Report SignatureLookUp::Pending(std::string_view why) const {
  return signature::Report::Undecided(
      signature::Reason::kPending, "not verified yet (" + std::string(why) + ")", clock_.WallNow());
}

bool SignatureLookUp::IsStale(const std::vector<signature::Report>& reports) const {
  return std::ranges::any_of(reports, [now = clock_.WallNow()](const signature::Report& report) {
    return store::IsStaleDenial(report.outcome(), report.made(), now);
  });
}

Result<bool> SignatureLookUp::Find(const oci::PinnedReference& image,
                                   const std::vector<signature::SealedRequirement>& wanted,
                                   std::string_view why, std::vector<signature::Report>& reports) {
  const SteadyTime now = clock_.Now();
  const WallTime wall_now = clock_.WallNow();
  if (reports.size() < wanted.size()) reports.resize(wanted.size(), Pending(why));
  bool asked = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!IsPending(reports[i])) continue;
    const std::string& requirement = wanted[i].fingerprint;
    if (const auto known = cache_.Find(image, requirement, now, wall_now)) {
      reports[i] = *known;
      continue;
    }
    asked = true;
    XZGATE_ASSIGN(std::optional<signature::Report> stored,
                  store_.FindSignatures(image, requirement));
    if (!stored || !store::IsBelieved(*stored, wall_now)) continue;
    reports[i] = *stored;
    cache_.Put(image, requirement, std::make_shared<const signature::Report>(std::move(*stored)),
               now, wall_now);
  }
  return asked;
}

}  // namespace xzgate::gate
