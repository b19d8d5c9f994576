#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "scanner/worker/image_scanner.h"

namespace xzgate::cmd {

// One line on a terminal's standard error that shows how far a scan is; nothing where that is no
// terminal. Confined to one thread; borrows the clock.
class ProgressBar {
 public:
  explicit ProgressBar(const Clock& clock);
  ~ProgressBar();  // wipes the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // For the scan of this image.
  worker::Progress For(std::string image);

 private:
  void Draw(const std::string& image, std::uint64_t done, std::uint64_t total);

  const Clock& clock_;
  const bool on_terminal_;
  SteadyTime next_draw_ = SteadyTime::min();
};

// "[=====>    ]  52% 12.3 of 23.5 MiB", 80 columns at most.
std::string ProgressLine(const std::string& image, std::uint64_t done, std::uint64_t total);

}  // namespace xzgate::cmd
