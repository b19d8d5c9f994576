#pragma once

#include <string>
#include <vector>

#include "scanner/rules/evidence.h"

namespace xzgate::rules {

// Evidence of one report at most; a note says how much was left out. Lists longer than this help
// nobody and grow the store.
inline constexpr std::size_t kMaxEvidence = 100;
inline constexpr std::size_t kMaxNotes = 100;

// Findings as lines for people, the strongest first. All foreign text is escaped. Pure.
std::vector<Evidence> Describe(const Findings& findings, const ImageFacts& image,
                               const RulePack& pack);

// "liblzma5 5.6.1-1 (dpkg)".
std::string DescribePackage(const PackageFinding& package);

// "layer 2 of 3 was not read: connection refused".
std::string DescribeIncomplete(const IncompleteFinding& incomplete, std::size_t layer_count);

}  // namespace xzgate::rules
