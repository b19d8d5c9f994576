#pragma once

#include <string>
#include <vector>

#include "cmd/scan_session.h"

namespace xzgate::cmd {

// What `scan` prints for people: a block an image, worst evidence first. Names from outside are
// escaped.
std::string ScanTable(const std::vector<ScannedImage>& images);

// What `scan --format json` prints: schema "xzgate.dev/scan/v1" (docs/detection.md).
std::string ScanJson(const std::vector<ScannedImage>& images, const std::string& rules);

// "unknown (pending) [XZ010]".
std::string VerdictText(rules::Verdict verdict, rules::Cause cause);

// The block of one report, each line behind `indent`.
std::string ReportBlock(const rules::Report& report, const std::string& indent);

}  // namespace xzgate::cmd
