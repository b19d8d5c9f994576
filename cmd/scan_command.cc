#include "cmd/scan_command.h"

#include <cstdio>

#include "cmd/exit_code.h"
#include "cmd/local_path.h"
#include "cmd/progress_bar.h"
#include "cmd/report_text.h"
#include "scanner/registry/layout_reference.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kCommand = "scan";

Result<void> CheckName(const std::string& name) {
  XZGATE_RETURN_IF_ERROR(CheckMeansImage(name));
  if (!registry::LayoutReference::IsLayout(name))
    XZGATE_RETURN_IF_ERROR(oci::Reference::Parse(name));
  return {};
}

// All of them before the first is scanned: an answer after minutes must not be lost to a typing
// error.
int CheckNames(const std::vector<std::string>& names) {
  int code = kNothingFound;
  for (const auto& name : names) {
    if (const auto checked = CheckName(name); !checked)
      code = UsageError(kCommand, checked.error());
  }
  return code;
}

}  // namespace

int RunScan(const ScanFlags& flags, const std::vector<std::string>& images) {
  if (const int code = CheckNames(images); code != kNothingFound) return code;
  const SystemClock clock;
  const auto logger = log::MakeStderrLogger(log::Format::kText, log::Level::kError);
  const auto session = ScanSession::Create(flags, clock, *logger);
  if (!session) return UsageError(kCommand, session.error());
  std::vector<ScannedImage> scanned;
  {
    ProgressBar bar(clock);
    for (const auto& name : images) {
      auto image = (*session)->Scan(name, bar.For(name));
      if (!image) return UsageError(kCommand, image.error());
      scanned.push_back(std::move(*image));
    }
  }
  const std::string text = flags.format == OutputFormat::kJson
                               ? ScanJson(scanned, (*session)->pack().Key())
                               : ScanTable(scanned);
  std::fputs(text.c_str(), stdout);
  for (const auto& image : scanned) {
    if (!image.pinned) PrintHint(kCommand, image.name);
  }
  return ExitCodeOf(scanned);
}

}  // namespace xzgate::cmd
