#include "scanner/facts/os_release.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::facts {
namespace {

// A value as a shell reads it: one pair of quotes around it taken off, and the backslash before
// what it escapes.
std::string Unquote(std::string_view text) {
  const char quote =
      !text.empty() && (text.front() == '"' || text.front() == '\'') ? text.front() : '\0';
  if (quote != '\0') text.remove_prefix(1);
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0' && text[i] == quote) break;
    if (text[i] == '\\' && quote != '\'' && i + 1 < text.size()) ++i;
    value += text[i];
  }
  return value;
}

}  // namespace

void OsReleaseFile::Feed(Bytes bytes) {
  const std::size_t room = kMaxBytes - text_.size();
  is_cut_ = is_cut_ || bytes.size() > room;
  text_ += AsText(bytes.first(std::min(room, bytes.size())));
}

void OsReleaseFile::Finish(Findings& findings) {
  OsRelease release{.path = path_, .id = {}, .version_id = {}};
  for (std::string_view line : Split(text_, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    line = Trim(line);
    if (line.starts_with("ID=")) release.id = Unquote(line.substr(3));
    if (line.starts_with("VERSION_ID=")) release.version_id = Unquote(line.substr(11));
  }
  if (is_cut_) findings.incomplete.push_back({path_, "os-release longer than 64 KiB"});
  findings.os_releases.push_back(std::move(release));
}

}  // namespace xzgate::facts
