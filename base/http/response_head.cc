#include "base/http/response_head.h"

#include "base/http/field_syntax.h"
#include "base/text.h"

namespace xzgate::http {
namespace {

std::string_view WithoutLineEnd(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "HTTP/1.1 404 Not Found" -> 404; 0 when there is no number of three digits.
int StatusOf(std::string_view line) {
  const auto space = line.find(' ');
  if (space == line.npos) return 0;
  const std::string_view digits = line.substr(space + 1, 3);
  return digits.size() == 3 ? static_cast<int>(ParseUint(digits).value_or(0)) : 0;
}

}  // namespace

bool ResponseHead::AddLine(std::string_view line) {
  bytes += line.size();
  if (bytes > kMaxHeaderBytes) return false;
  line = WithoutLineEnd(line);
  if (is_complete) return true;  // a trailer
  if (line.starts_with("HTTP/") && headers.list().empty()) {
    status = StatusOf(line);
    return true;
  }
  if (line.empty()) {
    is_complete = status >= 200;
    if (!is_complete) headers = {};
    return true;
  }
  const auto colon = line.find(':');
  if (colon == line.npos || !IsHttpToken(line.substr(0, colon))) return true;
  headers.Add(std::string(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1))));
  return true;
}

}  // namespace xzgate::http
