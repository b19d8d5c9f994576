// TextMatcher of identity.h: the only place where an expression meets a text.

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scanner/signature/expression_advice.h"
#include "scanner/signature/expression_anchors.h"
#include "scanner/signature/identity.h"

namespace xzgate::signature {
namespace {

// Of one expression, its compiled form and its cache of states (RE2's max_mem).
constexpr std::int64_t kMaxExpressionMemory = 1 << 20;

// A suggestion that is cut is none.
constexpr std::size_t kMaxAdviceBytes = 2 * kMaxIdentityBytes;

// Identities that have nothing to do with one another: who takes them all takes anybody.
constexpr std::string_view kStrangers[] = {"https://u7q2.invalid/x9/k3@refs/heads/w1",
                                           "k3.v8+q@w5z1.invalid",
                                           "spiffe://zq7.invalid/ns/b4/sa/n6"};

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

std::unexpected<Error> Refuse(std::string_view expression, std::string_view why) {
  return InvalidArgument("expression " + Quote(expression) + ": " + std::string(why));
}

// What to write for one that is not anchored at both ends.
std::string Anchored(std::string_view expression) {
  std::string text = WithDotsEscaped(expression);
  std::string_view inside = expression;
  if (inside.starts_with('^')) inside.remove_prefix(1);
  if (inside.ends_with('$')) inside.remove_suffix(1);
  // A folder, or an address without its scheme, is most likely meant with all that is in it.
  if (IsPlainText(inside) && (inside.ends_with('/') || !inside.contains("://"))) {
    if (std::string below = EverythingBelow(inside); !below.empty()) text = std::move(below);
  }
  return Quote(WithAnchors(text), kMaxAdviceBytes);
}

std::string InsteadOfPlain(std::string_view expression) {
  const std::string below = EverythingBelow(expression);
  return "give it as an exact text, or write " +
         (below.empty() ? ".* where anything may stand"
                        : "for all below it " + Quote(below, kMaxAdviceBytes));
}

// What is no mistake in RE2's syntax and yet would surprise who wrote it.
Result<void> CheckMeaning(std::string_view expression, bool want_anchors) {
  const Anchors anchors = AnchorsOf(expression);
  if (want_anchors && anchors != Anchors::kBoth)
    return Refuse(expression, "is not anchored at both ends: want " + Anchored(expression));
  if (IsPlainText(expression)) {
    return Refuse(expression, "is a plain text; an expression must match the whole: " +
                                  InsteadOfPlain(expression));
  }
  if (anchors == Anchors::kSome) {
    return Refuse(expression,
                  "is anchored at one end only, of all or of each alternative; an expression must "
                  "match the whole: write " +
                      Anchored(expression) + ", with .* where anything may stand");
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

Result<TextMatcher> TextMatcher::ExactAsWritten(std::string text, std::string_view instead) {
  if (text.contains('*')) {
    return InvalidArgument(Quote(text, 64) + " is compared as it stands: want " + Quote(instead) +
                           " for a pattern");
  }
  return Exact(std::move(text));
}

Result<TextMatcher> TextMatcher::Expression(std::string expression) {
  return Compile(std::move(expression), false);
}

Result<TextMatcher> TextMatcher::AnchoredExpression(std::string expression) {
  return Compile(std::move(expression), true);
}

Result<TextMatcher> TextMatcher::Compile(std::string expression, bool want_anchors) {
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
  XZGATE_RETURN_IF_ERROR(CheckMeaning(expression, want_anchors));
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
