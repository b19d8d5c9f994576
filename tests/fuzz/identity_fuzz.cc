// Input: two lines, an expression and a text. An expression matches the whole of a text or nothing
// of it, whatever it holds; a text that is quoted matches itself alone.

#include <re2/re2.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scanner/signature/identity.h"

namespace {

using xzgate::signature::kMaxIdentityBytes;
using xzgate::signature::TextMatcher;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckExpression(const std::string& expression, const std::string& text) {
  const auto matcher = TextMatcher::Expression(expression);
  if (!matcher) return;
  const bool matches = matcher->Matches(text);
  Require(!matches || text.size() <= kMaxIdentityBytes);
  if (const auto anchored = TextMatcher::Expression("^(?:" + expression + ")$")) {
    Require(anchored->Matches(text) == matches);
  }
  const auto exact = TextMatcher::Exact(expression);
  Require(exact.has_value() && exact->ToString() != matcher->ToString());
}

void CheckText(const std::string& text) {
  const auto exact = TextMatcher::Exact(text);
  if (!exact) return;
  Require(exact->Matches(text));
  const auto quoted = TextMatcher::Expression("(?:" + RE2::QuoteMeta(text) + ")");
  for (const std::string& other :
       {text + "x", "x" + text, text + "\n", "\n" + text, std::string()}) {
    Require(!exact->Matches(other));
    Require(!quoted || !quoted->Matches(other));
  }
  if (quoted) Require(quoted->Matches(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  const std::string expression(input.substr(0, line));
  const std::string text(line == input.npos ? std::string_view() : input.substr(line + 1));
  CheckExpression(expression, text);
  CheckText(text);
  return 0;
}
