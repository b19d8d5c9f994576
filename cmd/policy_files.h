#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {

// The policies of files and folders (whose *.yaml and *.yml are read in order of name), as one set.
// No paths: the built-in default alone. Keys, certificates and trusted roots that they name are
// read too. Errors: those of ReadFile, kInvalidArgument with every problem.
Result<policy::PolicySet> LoadPolicies(const std::vector<std::string>& paths);

// Follows policy files and the files that they name: a good change gives a new set, a bad one keeps
// the old and says why. Confined to one thread.
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
  struct NamedFile {
    std::size_t max_bytes = 0;
    Result<std::string> content;  // as it was parsed, or why it could not be read
  };
  bool HasNamedChanged() const;

  const std::vector<std::string> paths_;
  std::string seen_;
  std::map<std::string, NamedFile> named_;  // by path: what the policies of the last parse named
  bool first_ = true;
};

}  // namespace xzgate::cmd
