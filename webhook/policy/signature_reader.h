#pragma once

#include <string>
#include <vector>

#include "base/yaml/document.h"
#include "webhook/policy/policy.h"
#include "webhook/policy/trust_reader.h"

namespace xzgate::policy {

// Reads `authorities`, `signatures` and `attestations` of one ImagePolicy into its rule. Adds every
// problem; to `notes` what is no problem: an authority that no entry asks.
void ReadSignatures(yaml::Mapping& spec, const ReadingFrom& from, Rule& rule,
                    std::vector<std::string>& notes);

}  // namespace xzgate::policy
