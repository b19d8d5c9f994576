#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"

namespace xzgate::facts {

// Finds a few byte strings in a stream that comes piece by piece, also where an occurrence crosses
// a border between pieces. Confined to one thread.
class PatternSearch {
 public:
  // Occurrences kept of one needle; a file that holds more has `more` set.
  static constexpr std::size_t kMaxHits = 4096;

  struct Hits {
    std::vector<std::uint64_t> offsets;  // ascending
    bool more = false;
  };

  // The needles' bytes are borrowed. `start` is the offset of the first byte that Feed will bring.
  // An empty needle never hits.
  explicit PatternSearch(std::vector<std::string_view> needles, std::uint64_t start = 0);

  void Feed(Bytes bytes);

  std::size_t count() const { return needles_.size(); }
  const Hits& hits(std::size_t needle) const { return hits_[needle]; }

 private:
  void Search(std::size_t needle, std::string_view text, std::uint64_t offset);

  std::vector<std::string_view> needles_;
  std::vector<Hits> hits_;
  std::size_t longest_ = 0;
  std::uint64_t position_;
  std::string carry_;  // the last longest_ - 1 bytes before position_
};

}  // namespace xzgate::facts
