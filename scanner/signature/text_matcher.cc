// TextMatcher of identity.h: the only place where an expression meets a text.

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "scanner/signature/identity.h"

namespace xzgate::signature {
namespace {

// Of one expression, its compiled form and its cache of states (RE2's max_mem).
constexpr std::int64_t kMaxExpressionMemory = 1 << 20;

// Identities that have nothing to do with one another: who takes them all takes anybody.
constexpr std::string_view kStrangers[] = {"https://u7q2.invalid/x9/k3@refs/heads/w1",
                                           "k3.v8+q@w5z1.invalid",
                                           "spiffe://zq7.invalid/ns/b4/sa/n6"};

// Whether the backslash or the end of it before `at` makes it an ordinary character.
bool IsEscaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

bool IsPunctuation(char c) {
  return std::string_view("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").contains(c);
}

// Whether it has no operator: ordinary characters, dots (which people do not escape in names of
// hosts) and escaped punctuation.
bool IsPlainText(std::string_view expression) {
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (std::string_view("+*?()|[]{}^$").contains(expression[i])) return false;
    if (expression[i] != '\\') continue;
    if (++i == expression.size() || !IsPunctuation(expression[i])) return false;
  }
  return true;
}

bool BeginsAnchored(std::string_view expression) {
  if (expression.starts_with("(?")) {  // flags, as in "(?i)^"
    const auto flags = expression.find_first_not_of("imsU-", 2);
    if (flags != expression.npos && expression[flags] == ')') expression.remove_prefix(flags + 1);
  }
  return expression.starts_with('^') || expression.starts_with("\\A");
}

bool EndsAnchored(std::string_view expression) {
  return (expression.ends_with('$') && !IsEscaped(expression, expression.size() - 1)) ||
         (expression.ends_with("\\z") && !IsEscaped(expression, expression.size() - 2));
}

std::unexpected<Error> Refuse(std::string_view expression, std::string_view why) {
  return InvalidArgument("expression " + Quote(expression) + ": " + std::string(why));
}

// What is no mistake in RE2's syntax and yet would surprise who wrote it.
Result<void> CheckMeaning(std::string_view expression) {
  if (IsPlainText(expression)) {
    return Refuse(expression,
                  "is a plain text; an expression must match the whole: give it as an exact text, "
                  "or write " +
                      std::string(expression.ends_with('/') ? "" : "(for a prefix) ") +
                      Quote(std::string(expression) + ".*"));
  }
  if (BeginsAnchored(expression) != EndsAnchored(expression)) {
    return Refuse(expression,
                  "is anchored at one end only; an expression must match the whole: write ^...$ or "
                  "neither, with .* where anything may stand");
  }
  return {};
}

}  // namespace

struct TextMatcher::Compiled {
  explicit Compiled(std::string_view expression, const RE2::Options& options)
      : re2({expression.data(), expression.size()}, options) {}
  RE2 re2;
};

TextMatcher::TextMatcher(std::string text, std::shared_ptr<const Compiled> compiled)
    : text_(std::move(text)), compiled_(std::move(compiled)) {}

Result<TextMatcher> TextMatcher::Exact(std::string text) {
  if (text.empty()) return InvalidArgument("empty text: it would match nobody");
  if (text.size() > kMaxIdentityBytes || text.contains('\0')) {
    return InvalidArgument("text " + Quote(text) + ": want at most " +
                           std::to_string(kMaxIdentityBytes) + " bytes and no NUL");
  }
  return TextMatcher(std::move(text), nullptr);
}

Result<TextMatcher> TextMatcher::Expression(std::string expression) {
  if (expression.empty()) return InvalidArgument("empty expression");
  if (expression.size() > kMaxIdentityBytes || expression.contains('\0')) {
    return Refuse(expression,
                  "want at most " + std::to_string(kMaxIdentityBytes) + " bytes and no NUL");
  }
  RE2::Options options;
  options.set_max_mem(kMaxExpressionMemory);
  options.set_log_errors(false);
  options.set_never_capture(true);
  auto compiled = std::make_shared<const Compiled>(expression, options);
  if (!compiled->re2.ok()) {
    return Refuse(expression, "is no RE2 expression: " + Escape(compiled->re2.error()));
  }
  XZGATE_RETURN_IF_ERROR(CheckMeaning(expression));
  TextMatcher matcher(std::move(expression), std::move(compiled));
  if (std::ranges::all_of(kStrangers, [&](auto text) { return matcher.Matches(text); })) {
    return Refuse(matcher.text_, "matches everything: say who may sign");
  }
  return matcher;
}

bool TextMatcher::Matches(std::string_view text) const {
  if (!compiled_) return text == text_;
  return text.size() <= kMaxIdentityBytes &&
         RE2::FullMatch({text.data(), text.size()}, compiled_->re2);
}

std::string TextMatcher::ToString() const {
  return (compiled_ ? "a match of " : "") + Quote(text_, kMaxIdentityBytes);
}

}  // namespace xzgate::signature
