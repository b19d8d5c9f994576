#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "scanner/worker/requirement_source.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {

// What the policies that are followed ask of images' signatures, for the scanner; nothing until the
// first ones are there. Thread-safe.
class FollowedRequirements final : public worker::RequirementSource {
 public:
  void SetPolicies(std::shared_ptr<const policy::PolicySet> policies) {
    const std::lock_guard lock(mutex_);
    policies_ = std::move(policies);
  }

  std::vector<signature::SealedRequirement> RequirementsFor(
      const oci::Repository& repository) override {
    const auto policies = Policies();
    return policies == nullptr ? std::vector<signature::SealedRequirement>()
                               : policies->RequirementsFor(repository);
  }

 private:
  std::shared_ptr<const policy::PolicySet> Policies() {
    const std::lock_guard lock(mutex_);
    return policies_;
  }

  std::mutex mutex_;
  std::shared_ptr<const policy::PolicySet> policies_;  // guarded by mutex_; a swapped snapshot
};

}  // namespace xzgate::cmd
