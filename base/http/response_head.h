#pragma once

#include <cstddef>
#include <string_view>

#include "base/http/transport.h"

namespace xzgate::http {

// The head of an answer, collected line by line as libcurl hands it out (RFC 9112, sections 4 and
// 5). Confined to one thread.
struct ResponseHead {
  int status = 0;  // 0 until a status line with three digits came
  Headers headers = {};
  bool is_complete = false;
  std::size_t bytes = 0;  // of all lines, interim answers and trailers too

  // Takes one line with its line end; an interim answer (1xx) starts afresh, and a line that is no
  // field is passed over. False past kMaxHeaderBytes, and then for ever.
  bool AddLine(std::string_view line);
};

}  // namespace xzgate::http
