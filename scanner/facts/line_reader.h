#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_source.h"

namespace xzgate::facts {

// One line of a text, without its newline.
struct Line {
  std::string_view text;     // lives for the call it is given to
  std::uint64_t number = 0;  // from 1
  bool is_cut = false;       // longer than the limit: `text` is its front
};

// Cuts a stream into lines in memory bounded by the longest line allowed. Confined to one thread.
class LineReader {
 public:
  explicit LineReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Calls visit(Line) for each line that ends in what came so far.
  template <typename Visit>
  void Feed(Bytes bytes, Visit visit) {
    std::string_view text = AsText(bytes);
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view part = text.substr(0, end);
      if (end == text.npos) {
        Keep(part);
        return;
      }
      text.remove_prefix(end + 1);
      if (kept_.empty() && part.size() <= max_bytes_) {
        visit(Line{part, ++number_, false});
        continue;
      }
      Keep(part);
      Give(visit);
    }
  }

  // The last line, if it has no newline.
  template <typename Visit>
  void Finish(Visit visit) {
    if (!kept_.empty()) Give(visit);
  }

 private:
  void Keep(std::string_view part) {
    const std::size_t room = max_bytes_ - kept_.size();
    if (part.size() > room) is_cut_ = true;
    kept_ += part.substr(0, std::min(part.size(), room));
  }

  template <typename Visit>
  void Give(Visit& visit) {
    visit(Line{kept_, ++number_, is_cut_});
    kept_.clear();
    is_cut_ = false;
  }

  std::size_t max_bytes_;
  std::string kept_;
  std::uint64_t number_ = 0;
  bool is_cut_ = false;
};

}  // namespace xzgate::facts
