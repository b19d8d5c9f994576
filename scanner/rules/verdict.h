#pragma once

#include <string>

#include "scanner/rules/evidence.h"

namespace xzgate::rules {

// What the findings of one image mean. A value.
struct Conclusion {
  Verdict verdict = Verdict::kClean;
  Cause cause = Cause::kNone;
  std::string detail;  // one sentence
  std::string fix;     // "" when there is nothing to do
};

// The order of xz.md 7.2, the first rule that matches wins (docs/detection.md has the table). Pure.
Conclusion Decide(const Findings& findings, const ImageFacts& image, const RulePack& pack);

}  // namespace xzgate::rules
