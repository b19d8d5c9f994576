#pragma once

#include <vector>

#include "scanner/oci/reference.h"
#include "scanner/signature/requirement.h"

namespace xzgate::worker {

// Says what the policies in force ask of images' signatures. Implementations are thread-safe.
class RequirementSource {
 public:
  virtual ~RequirementSource() = default;
  // Of every policy that could cover an image of the repository in some namespace, each fingerprint
  // once; now, and after a change of the policies something else.
  virtual std::vector<signature::SealedRequirement> RequirementsFor(
      const oci::Repository& repository) = 0;
};

}  // namespace xzgate::worker
