#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xzgate::cmd {

// What to write for a flag of cosign's that `verify` does not have; absent for any other word.
// Takes the word as it was typed ("--type=vuln"). The table of docs/signatures.md is the same.
std::optional<std::string> HintForCosignFlag(std::string_view word);

// Says so on standard error, a line each, for all that was typed after `verify`; of another command
// nothing.
void HintAtCosign(std::string_view command, const std::vector<std::string>& typed);

}  // namespace xzgate::cmd
