// Input: two lines, a URL and a reference that an answer could hold. What is read prints as
// something that reads the same; nothing printed can end a request line.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/http/ip_address.h"
#include "base/http/retry_after.h"
#include "base/http/url.h"

namespace {

using xzgate::http::IpNetwork;
using xzgate::http::Url;

void Require(bool holds) {
  if (!holds) std::abort();
}

void Check(const Url& url) {
  const auto again = Url::Parse(url.ToString());
  Require(again.has_value() && *again == url);
  Require(url.target().starts_with('/'));
  Require(url.origin().port != 0 && !url.origin().host.empty());
  for (const char c : url.ToString()) Require(c > ' ' && c < '\x7F');
  Require(url.ToRedacted().find('?') == std::string::npos);
  const auto self = url.Resolve(url.ToString());
  Require(self.has_value() && *self == url);
  Require(*url.Resolve("") == url);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  const auto url = Url::Parse(text.substr(0, line));
  if (url) Check(*url);
  if (line != text.npos) {
    const auto rest = text.substr(line + 1);
    if (url) {
      if (const auto next = url->Resolve(rest)) Check(*next);
    }
    if (const auto network = IpNetwork::Parse(rest)) {
      const auto again = IpNetwork::Parse(network->ToString());
      Require(again.has_value() && *again == *network);
    }
    const auto wait = xzgate::http::ParseRetryAfter(rest, xzgate::WallTime{});
    Require(!wait || (wait->count() >= 0 && *wait <= xzgate::http::kLongestRetryAfter));
  }
  return 0;
}
