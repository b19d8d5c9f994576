#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/signature/requirement.h"
#include "scanner/store/store.h"
#include "webhook/gate/signature_cache.h"

namespace xzgate::gate {

// What is known of an image's signatures under what its policy asks for: from memory, then from the
// store. Asks no registry and verifies nothing. Thread-safe; borrows the store and the clock.
class SignatureLookUp {
 public:
  SignatureLookUp(store::Store& store, const Clock& clock, std::size_t entries)
      : store_(store), clock_(clock), cache_(entries) {}

  // Looks for those of `reports` that are pending, one for each of `wanted`; there are none at
  // first. What is not known, or believed no more, is pending for the reason of `why`. Returns
  // whether the store was asked. Errors: those of the store; what it did not tell is pending.
  Result<bool> Find(const oci::PinnedReference& image,
                    const std::vector<signature::SealedRequirement>& wanted, std::string_view why,
                    std::vector<signature::Report>& reports);

  // Not verified yet, and why.
  signature::Report Pending(std::string_view why) const;

  // Whether a denial among them is so old that it is worth another look.
  bool IsStale(const std::vector<signature::Report>& reports) const;

 private:
  store::Store& store_;
  const Clock& clock_;
  SignatureCache cache_;
};

bool IsPending(const signature::Report& report);
bool HasPending(const std::vector<signature::Report>& reports);
// Has each of `reports` that is pending say what became of it.
void ReplacePending(std::vector<signature::Report>& reports, const signature::Report& by);

}  // namespace xzgate::gate
