// What the reader accepts, the encoder writes, and the reader gives the same back; what it refuses
// has a message fit to show.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json/reader.h"
#include "base/text.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckLimits(std::string_view text, const xzgate::json::Limits& limits) {
  using xzgate::ErrorCode;
  const auto value = xzgate::json::Parse(text, limits, "doc");
  if (!value) {
    const xzgate::Error& error = value.error();
    Check(error.code() == ErrorCode::kInvalidArgument ||
          error.code() == ErrorCode::kResourceExhausted);
    Check(error.message().size() < 4096 && xzgate::IsValidUtf8(error.message()));
    for (const char c : error.message()) Check(static_cast<unsigned char>(c) >= 0x20);
    return;
  }
  Check(xzgate::IsValidUtf8(text) && text.find('\0') == text.npos);
  for (const int indent : {0, 2}) {
    // An encoding may be longer than what was read, never deeper.
    xzgate::json::Limits roomy = limits;
    roomy.max_bytes = SIZE_MAX;
    Check(xzgate::json::Parse(xzgate::json::Encode(*value, indent), roomy, "doc") == value);
  }
}

// Takes everything.
class Anything final : public xzgate::json::Events {
 public:
  bool StartObject() override { return true; }
  bool Key(std::string_view) override { return true; }
  bool EndObject() override { return true; }
  bool StartArray() override { return true; }
  bool EndArray() override { return true; }
  bool String(std::string_view) override { return true; }
  bool Integer(std::int64_t) override { return true; }
  bool Unsigned(std::uint64_t) override { return true; }
  bool Double(double) override { return true; }
  bool Bool(bool) override { return true; }
  bool Null() override { return true; }
};

// A stream is read as its text is, but for the limit on a token.
void CheckStream(std::string_view text) {
  Anything events;
  xzgate::MemorySource source{std::string(text), 7};
  const bool streamed = xzgate::json::Scan(source, {}, events).has_value();
  Check(streamed == xzgate::json::Scan(text, {}, events).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckLimits(text, {});
  CheckStream(text);
  CheckLimits(text, {.max_bytes = 512, .max_depth = 4, .max_values = 16});
  // What passes with case variants refused passes without.
  const xzgate::json::Limits strict{.refuse_case_variants = true};
  if (xzgate::json::Parse(text, strict, "doc"))
    Check(xzgate::json::Parse(text, {}, "doc").has_value());
  return 0;
}
