#include "cmd/scan_command.h"

#include <cstdio>

#include "cmd/progress_bar.h"
#include "cmd/report_text.h"

namespace xzgate::cmd {
namespace {

constexpr int kUsage = 2;

int UsageError(const Error& error) {
  std::fprintf(stderr, "xzgate scan: %s\n", error.message().c_str());
  return kUsage;
}

}  // namespace

int RunScan(const ScanFlags& flags, const std::vector<std::string>& images) {
  const SystemClock clock;
  const auto logger = log::MakeStderrLogger(log::Format::kText, log::Level::kError);
  const auto session = ScanSession::Create(flags, clock, *logger);
  if (!session) return UsageError(session.error());
  std::vector<ScannedImage> scanned;
  {
    ProgressBar bar(clock);
    for (const auto& name : images) {
      auto image = (*session)->Scan(name, bar.For(name));
      if (!image) return UsageError(image.error());
      scanned.push_back(std::move(*image));
    }
  }
  const std::string text = flags.format == OutputFormat::kJson
                               ? ScanJson(scanned, (*session)->pack().Key())
                               : ScanTable(scanned);
  std::fputs(text.c_str(), stdout);
  return ExitCodeOf(scanned);
}

}  // namespace xzgate::cmd
