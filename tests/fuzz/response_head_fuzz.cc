// Input: the lines of an answer's head. Names are tokens, values are trimmed, a head is complete
// only with a final status, and nothing changes any more after that.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/http/field_syntax.h"
#include "base/http/response_head.h"
#include "base/text.h"

namespace {

using xzgate::http::ResponseHead;

void Require(bool holds) {
  if (!holds) std::abort();
}

void Check(const ResponseHead& head) {
  Require(head.status >= 0 && head.status <= 999);
  Require(!head.is_complete || head.status >= 200);
  for (const auto& [name, value] : head.headers.list()) {
    Require(xzgate::http::IsHttpToken(name));
    Require(xzgate::Trim(value) == value && value.find('\n') == value.npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  ResponseHead head;
  std::optional<ResponseHead> complete;
  std::size_t given = 0;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    given += line.size();
    Require(head.AddLine(line) == (given <= xzgate::http::kMaxHeaderBytes));
    if (head.is_complete && !complete) complete = head;
  }
  Check(head);
  if (complete) {
    Require(head.is_complete && head.status == complete->status);
    Require(head.headers.list() == complete->headers.list());
  }
  return 0;
}
