// Request framing: whatever comes, in whatever pieces, gives the same requests and stays within the
// limits.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/server/framing.h"

namespace {

using xzgate::server::BodyBudget;
using xzgate::server::FramedRequest;
using xzgate::server::FramingLimits;
using xzgate::server::RequestParser;
using xzgate::server::Route;

// Small limits, so that short inputs reach them.
constexpr FramingLimits kLimits{
    .max_request_line = 64, .max_head_bytes = 256, .max_headers = 6, .max_body_bytes = 128};
constexpr std::size_t kBudget = 100;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  std::vector<std::string> requests;
  int error = 0;
  bool operator==(const Outcome&) const = default;
};

std::string Describe(const FramedRequest& request) {
  const auto& head = request.head;
  return head.route->method + " " + head.route->path + "?" + head.query + "|" + head.content_type +
         "|" + (head.keep_alive ? "keep" : "close") + "|" + request.body;
}

Outcome Run(std::string_view bytes, std::size_t piece) {
  static const std::vector<Route> routes = {{"POST", "/v"}, {"GET", "/h"}};
  BodyBudget budget(kBudget);
  Outcome outcome;
  {
    RequestParser parser(routes, kLimits, &budget);
    while (!bytes.empty()) {
      const std::size_t taken = parser.Feed(bytes.substr(0, piece));
      Require(taken <= std::min(piece, bytes.size()));
      bytes.remove_prefix(taken);
      Require(parser.body_bytes() <= kLimits.max_body_bytes && budget.used() <= kBudget);
      if (parser.state() == RequestParser::State::kFailed) {
        outcome.error = parser.error().status;
        Require(outcome.error >= 400 && outcome.error <= 505 && parser.Feed("x") == 0);
        break;
      }
      if (parser.state() == RequestParser::State::kComplete) {
        const FramedRequest request = parser.Take();
        Require(request.body.size() == request.head.content_length);
        Require(request.head.route->method == "POST" || request.body.empty());
        Require(request.head.query.find_first_of(" \r\n") == std::string::npos);
        Require(request.head.content_type.find_first_of("\r\n") == std::string::npos);
        outcome.requests.push_back(Describe(request));
        if (!request.head.keep_alive) break;
      } else {
        Require(taken > 0);
      }
    }
  }
  Require(budget.used() == 0);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = Run(bytes, SIZE_MAX);
  Require(Run(bytes, 1) == whole);
  Require(Run(bytes, 1 + size % 13) == whole);
  return 0;
}
