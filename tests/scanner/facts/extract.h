#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>

#include "scanner/facts/findings.h"

namespace xzgate::facts {

// Runs an extractor over a text, given in pieces of an odd size.
inline Findings Extract(Extractor& extractor, std::string_view text, std::size_t piece = 1009) {
  for (std::size_t at = 0; at < text.size(); at += piece)
    extractor.Feed(AsBytes(text.substr(at, piece)));
  Findings findings;
  extractor.Finish(findings);
  return findings;
}

}  // namespace xzgate::facts
