#pragma once

#include <cstddef>
#include <string>

#include "scanner/facts/findings.h"

namespace xzgate::facts {

// Reads ID and VERSION_ID of os-release (os-release(5)): shell assignments, values bare or in
// quotes; the last assignment of a name counts, as in a shell. Lines that are no assignment are
// skipped, as every reader of that file does. Incomplete: more than 64 KiB.
class OsReleaseFile final : public Extractor {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024;  // real ones have under 1 KiB

  explicit OsReleaseFile(std::string path) : path_(std::move(path)) {}
  void Feed(Bytes bytes) override;
  void Finish(Findings& findings) override;

 private:
  std::string path_;
  std::string text_;
  bool is_cut_ = false;
};

}  // namespace xzgate::facts
