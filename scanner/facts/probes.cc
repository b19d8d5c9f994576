#include "scanner/facts/probes.h"

#include "base/crypto/digest.h"

namespace xzgate::facts {
namespace {

// Counts up when an extractor reads more, or reads differently: what earlier ones read is then read
// again.
constexpr int kExtractors = 2;
constexpr std::size_t kShownDigits = 16;

// A text with its length before it, so that no two sets of probes are the same bytes.
std::string Framed(std::string_view text) {
  return std::to_string(text.size()) + ":" + std::string(text);
}

}  // namespace

std::string Probes::Version() const {
  std::string all;
  for (const Pattern& pattern : patterns) {
    all += "p" + Framed(pattern.name) + Framed(pattern.bytes) + std::to_string(pattern.machine);
  }
  for (const std::string& symbol : symbols) all += "s" + Framed(symbol);
  return std::to_string(kExtractors) + "-" +
         crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(all)).substr(0, kShownDigits);
}

}  // namespace xzgate::facts
