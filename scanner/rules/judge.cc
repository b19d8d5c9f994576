#include "scanner/rules/judge.h"

#include "base/text.h"
#include "scanner/rules/describe.h"
#include "scanner/rules/evidence.h"
#include "scanner/rules/verdict.h"

namespace xzgate::rules {
namespace {

template <typename T>
std::size_t CutAt(std::vector<T>& list, std::size_t limit) {
  if (list.size() <= limit) return 0;
  const std::size_t left_out = list.size() - limit;
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(limit), list.end());
  return left_out;
}

}  // namespace

PlatformReport JudgeImage(const ImageFacts& image, const RulePack& pack) {
  Findings findings = Collect(image, pack);
  Conclusion conclusion = Decide(findings, image, pack);
  PlatformReport report;
  report.platform = image.platform;
  report.manifest_digest = image.manifest_digest;
  report.verdict = conclusion.verdict;
  report.cause = conclusion.cause;
  report.detail = std::move(conclusion.detail);
  report.fix = std::move(conclusion.fix);
  report.layer_count = image.layers.size();
  report.has_unread = !findings.incomplete.empty();
  report.evidence = Describe(findings, image, pack);
  report.notes = std::move(findings.notes);
  for (const NameFinding& name : findings.names) {
    if (!name.incomplete.empty()) continue;
    report.notes.push_back(Escape(name.path) +
                           " is named like a backdoored release and is no ELF file");
  }
  const std::size_t notes = CutAt(report.notes, kMaxNotes);
  const std::size_t evidence = CutAt(report.evidence, kMaxEvidence);
  if (notes > 0) report.notes.push_back(std::to_string(notes) + " more notes left out");
  if (evidence > 0) {
    report.notes.push_back(std::to_string(evidence) + " more lines of evidence left out");
  }
  return report;
}

}  // namespace xzgate::rules
