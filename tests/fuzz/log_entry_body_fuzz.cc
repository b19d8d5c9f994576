// A body is of one kind at most, and what is read of it is whole.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "scanner/signature/log_entry_body.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

using Kind = std::pair<std::string_view, std::string_view>;
constexpr std::array<Kind, 4> kKinds = {
    {{"hashedrekord", "0.0.1"}, {"hashedrekord", "0.0.2"}, {"dsse", "0.0.1"}, {"intoto", "0.0.2"}}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using xzgate::signature::LogEntryBody;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  int kinds = 0;
  for (const auto& [kind, version] : kKinds) {
    const auto body = xzgate::signature::ParseLogEntryBody(text, kind, version);
    if (!body) {
      const std::string& message = body.error().message();
      Check(message.size() < 4096 && xzgate::IsValidUtf8(message));
      continue;
    }
    ++kinds;
    Check(body->digest.size() == xzgate::crypto::DigestSize(body->algorithm));
    Check(!body->signature.empty() && body->certificate.empty() != body->key.empty());
    Check((body->over == LogEntryBody::Over::kSigned) == (kind == "hashedrekord"));
  }
  Check(kinds <= 1);
  return 0;
}
