#include "cmd/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"

namespace xzgate::cmd {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr int kBarWidth = 20;
constexpr std::size_t kNameWidth = 28;

double MiB(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

}  // namespace

std::string ProgressLine(const std::string& image, std::uint64_t done, std::uint64_t total) {
  const std::uint64_t whole = std::max({done, total, std::uint64_t{1}});
  const int filled = static_cast<int>(done * kBarWidth / whole);
  const std::string bar = std::string(static_cast<std::size_t>(filled), '=') +
                          std::string(static_cast<std::size_t>(kBarWidth - filled), ' ');
  return fmt::format("{:28} [{}] {:3}% {:.1f} of {:.1f} MiB", Escape(image, kNameWidth - 3), bar,
                     done * 100 / whole, MiB(done), MiB(whole));
}

ProgressBar::ProgressBar(const Clock& clock)
    : clock_(clock), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (on_terminal_ && next_draw_ != SteadyTime::min()) std::fputs("\r\x1b[K", stderr);
}

worker::Progress ProgressBar::For(std::string image) {
  if (!on_terminal_) return {};
  return [this, image = std::move(image)](std::uint64_t done, std::uint64_t total) {
    Draw(image, done, total);
  };
}

void ProgressBar::Draw(const std::string& image, std::uint64_t done, std::uint64_t total) {
  const SteadyTime now = clock_.Now();
  if (now < next_draw_) return;
  next_draw_ = now + kRedraw;
  std::fputs(("\r\x1b[K" + ProgressLine(image, done, total)).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace xzgate::cmd
