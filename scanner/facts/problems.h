#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "scanner/facts/findings.h"
#include "scanner/facts/line_reader.h"

namespace xzgate::facts {

// Collects what is wrong with one file; the first few are kept, as one is enough to make the file
// incomplete. Confined to one thread.
class Problems {
 public:
  static constexpr std::size_t kMaxKept = 4;

  // `path` names the file; `format` stands before each text: "dpkg".
  Problems(std::string path, std::string format)
      : path_(std::move(path)), format_(std::move(format)) {}

  const std::string& path() const { return path_; }

  void Add(std::string_view what) {
    if (kept_.size() < kMaxKept) kept_.push_back({path_, format_ + " " + std::string(what)});
  }
  void AddLine(const Line& line, std::string_view what) {
    if (kept_.size() < kMaxKept)
      Add("line " + std::to_string(line.number) + ": " + std::string(what));
  }
  void MoveTo(Findings& findings) {
    for (Incomplete& problem : kept_) findings.incomplete.push_back(std::move(problem));
    kept_.clear();
  }

 private:
  std::string path_;
  std::string format_;
  std::vector<Incomplete> kept_;
};

}  // namespace xzgate::facts
