#pragma once

#include <gtest/gtest.h>

#include <string>

#include "webhook/policy/policy.h"

namespace xzgate::policy {

// The set of one policy "p" with this spec, in YAML; the test fails when it is refused.
inline PolicySet Policies(const std::string& spec) {
  auto set = PolicySet::Parse(
      {{"p.yaml", "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\nspec: " +
                      spec + "\n"}});
  EXPECT_TRUE(set) << (set ? "" : set.error().message());
  return set.value_or(PolicySet());
}

}  // namespace xzgate::policy
