#include "webhook/policy/shadowed.h"

#include <algorithm>

#include "base/text.h"
#include "webhook/policy/image_pattern.h"

namespace xzgate::policy {
namespace {

using Patterns = std::vector<std::string>;

// Whether each of `inner` is covered by one of `outer`; no patterns are `everything`.
template <typename Covers>
bool CoversAll(const Patterns& outer, const Patterns& inner, Covers covers) {
  const Patterns everything = {"**"};
  return std::ranges::all_of(inner.empty() ? everything : inner, [&](const auto& each) {
    return std::ranges::any_of(outer.empty() ? everything : outer,
                               [&](const auto& pattern) { return covers(pattern, each); });
  });
}

bool Shadows(const Rule& earlier, const Rule& rule) {
  return CoversAll(earlier.images, rule.images, CoversPattern) &&
         CoversAll(earlier.namespaces, rule.namespaces, [](const auto& outer, const auto& inner) {
           return outer == "*" || CoversGlob(outer, inner);  // no namespace has a slash
         });
}

}  // namespace

void AddShadowed(const std::vector<Rule>& rules, std::vector<std::string>& notes) {
  for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
    const auto earlier =
        std::find_if(rules.begin(), rule, [&](const Rule& each) { return Shadows(each, *rule); });
    if (earlier == rule) continue;
    notes.push_back(rule->place + ": note: " + Quote(rule->policy) +
                    " never decides about an image: the first document that covers it does, and " +
                    Quote(earlier->policy) + " (" + earlier->place +
                    ") covers all of its images and namespaces");
  }
}

}  // namespace xzgate::policy
