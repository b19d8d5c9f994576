#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {

// The policies of files and folders (whose *.yaml and *.yml are read in order of name), as one set.
// No paths: the built-in default alone. Errors: those of ReadFile, kInvalidArgument with every
// problem.
Result<policy::PolicySet> LoadPolicies(const std::vector<std::string>& paths);

// Follows policy files: a good change gives a new set, a bad one keeps the old and says why.
// Confined to one thread.
class PolicyFiles {
 public:
  explicit PolicyFiles(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  struct Change {
    std::shared_ptr<const policy::PolicySet> policies;  // null: keep the old ones
    std::string error;                                  // why, "" for a good change
  };
  // Absent when nothing changed since the last call (the first call always answers).
  std::optional<Change> Poll();

 private:
  const std::vector<std::string> paths_;
  std::string seen_;
  bool first_ = true;
};

}  // namespace xzgate::cmd
