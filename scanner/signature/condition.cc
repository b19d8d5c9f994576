#include "scanner/signature/condition.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rfc3339.h"
#include "base/text.h"

namespace xzgate::signature {
namespace {

using Kind = Condition::Kind;

// Whose clock says when a scan ended is not ours, where no signature has a trusted time.
constexpr std::chrono::minutes kClockSkew{1};
constexpr std::size_t kMaxShown = 3;        // of values, texts and expressions in a message
constexpr std::size_t kMaxShownBytes = 64;  // of each

// What comparisons see; absent for null, arrays and objects.
std::optional<std::string> TextOf(const json::Value& value) {
  if (const std::string* text = value.AsString()) return *text;
  if (value.AsBool() != nullptr || value.AsDouble()) return json::Encode(value);
  return std::nullopt;
}

std::string Shown(const json::Value& value) {
  const auto text = TextOf(value);
  if (!text) return std::string(value.TypeName());
  return value.AsString() != nullptr ? Quote(*text, kMaxShownBytes) : *text;
}

template <typename List, typename ToText>
std::string FirstOf(const List& list, ToText to_text) {
  std::vector<std::string> shown;
  for (const auto& item : list) {
    if (shown.size() == kMaxShown) {
      shown.push_back(std::to_string(list.size() - kMaxShown) + " more");
      break;
    }
    shown.push_back(to_text(item));
  }
  return Join(shown, ", ");
}

std::string AgeText(std::chrono::milliseconds age) {
  if (age % std::chrono::days{1} == std::chrono::milliseconds{0})
    return fmt::format("{}d", age / std::chrono::days{1});
  if (age % std::chrono::hours{1} == std::chrono::milliseconds{0})
    return fmt::format("{}h", age / std::chrono::hours{1});
  return fmt::format("{}s", age / std::chrono::seconds{1});
}

std::string Wanted(const Condition& condition) {
  const std::string texts =
      FirstOf(condition.texts, [](const std::string& text) { return Quote(text, kMaxShownBytes); });
  const std::string expressions = FirstOf(
      condition.expressions, [](const TextMatcher& e) { return Truncate(e.ToString(), 128); });
  switch (condition.kind) {
    case Kind::kPresent:
      return "present";
    case Kind::kOneOf:
      return condition.texts.size() == 1 ? "equal to " + texts : "one of " + texts;
    case Kind::kNone:
      return "none of " + texts + (texts.empty() || expressions.empty() ? "" : ", ") + expressions;
    case Kind::kMatches:
      return "matching " + expressions;
    case Kind::kAtMost:
      return fmt::format("at most {}", condition.number);
    case Kind::kAtLeast:
      return fmt::format("at least {}", condition.number);
    case Kind::kYoungerThan:
      return "younger than " + AgeText(condition.age);
  }
  return {};
}

std::unexpected<Error> Refuse(const Condition& condition, const std::string& found) {
  return PermissionDenied("want " + condition.ToString() + ", found " + found);
}

// A value that decides must be one that can be compared.
bool IsComparable(const json::Value& value) {
  return value.AsArray() == nullptr && value.AsObject() == nullptr;
}

bool Equals(const Condition& condition, const json::Value& value) {
  const auto text = TextOf(value);
  return text && std::ranges::find(condition.texts, *text) != condition.texts.end();
}

bool Matches(const Condition& condition, const json::Value& value) {
  const auto text = TextOf(value);
  return text && std::ranges::any_of(condition.expressions, [&text](const TextMatcher& expression) {
           return expression.Matches(*text);
         });
}

Result<Held> CheckAny(const Condition& condition, const Selected& selected) {
  const auto holds = [&condition](const json::Value* value) {
    switch (condition.kind) {
      case Kind::kPresent:
        return !value->is_null();
      case Kind::kOneOf:
        return Equals(condition, *value);
      default:
        return Matches(condition, *value);
    }
  };
  if (std::ranges::any_of(selected.values, holds)) return Held{};
  if (selected.values.empty()) return Refuse(condition, "no value");
  return Refuse(condition, FirstOf(selected.values, [](const auto* v) { return Shown(*v); }));
}

// Whether an expression would see all of it: one never matches a longer text, and "." no line end,
// so that padding would hide what must not be there.
bool IsSearchable(const json::Value& value) {
  const std::string* text = value.AsString();
  return text == nullptr || (text->size() <= kMaxIdentityBytes && !text->contains('\n'));
}

Result<Held> CheckNone(const Condition& condition, const Selected& selected) {
  for (const json::Value* value : selected.values) {
    if (!IsComparable(*value))
      return Refuse(condition, std::string(value->TypeName()) + ", which cannot be compared");
    if (!condition.expressions.empty() && !IsSearchable(*value)) {
      return Refuse(condition, Shown(*value) + ", which is of several lines or more than " +
                                   std::to_string(kMaxIdentityBytes) + " bytes");
    }
    if (Equals(condition, *value) || Matches(condition, *value))
      return Refuse(condition, Shown(*value));
  }
  return Held{};
}

Result<Held> CheckNumbers(const Condition& condition, const Selected& selected) {
  for (const json::Value* value : selected.values) {
    const auto number = value->AsDouble();
    const bool holds = number && (condition.kind == Kind::kAtMost ? *number <= condition.number
                                                                  : *number >= condition.number);
    if (!holds) return Refuse(condition, Shown(*value));
  }
  if (condition.kind == Kind::kAtLeast && selected.values.empty())
    return Refuse(condition, "no value");
  return Held{};
}

Result<Held> CheckAges(const Condition& condition, const Selected& selected,
                       std::optional<WallTime> signed_at, WallTime now) {
  Held held;
  for (const json::Value* value : selected.values) {
    const std::string* text = value->AsString();
    const auto time = text == nullptr ? std::nullopt : std::optional(ParseRfc3339(*text));
    if (!time || !*time) return Refuse(condition, Shown(*value) + ", which is no RFC 3339 time");
    if (**time > signed_at.value_or(now + kClockSkew)) {
      return Refuse(condition, Shown(*value) + ", which is after " +
                                   (signed_at ? "the signature's time " + ToRfc3339(*signed_at)
                                              : "now, " + ToRfc3339(now)));
    }
    const WallTime until = **time + condition.age;
    if (now > until) return Refuse(condition, Shown(*value) + " at " + ToRfc3339(now));
    held.until = std::min(until, held.until.value_or(until));
  }
  if (!held.until) return Refuse(condition, "no value");
  return held;
}

}  // namespace

std::string Condition::ToString() const {
  return (pointer.empty() ? "the predicate" : Escape(pointer)) + " " + Wanted(*this);
}

Result<Held> CheckCondition(const Condition& condition, const json::Value& predicate,
                            std::optional<WallTime> signed_at, WallTime now) {
  XZGATE_ASSIGN(const Selected selected, Select(condition.pointer, predicate));
  // What nobody said of an element is neither below a limit nor free of what must not be there.
  const bool is_about_each = condition.kind == Kind::kNone || condition.kind == Kind::kAtMost;
  if (selected.lacking > 0 && (is_about_each || selected.values.empty())) {
    return Refuse(condition, std::to_string(selected.lacking) + " elements that do not have it");
  }
  switch (condition.kind) {
    case Kind::kPresent:
    case Kind::kOneOf:
    case Kind::kMatches:
      return CheckAny(condition, selected);
    case Kind::kNone:
      return CheckNone(condition, selected);
    case Kind::kAtMost:
    case Kind::kAtLeast:
      return CheckNumbers(condition, selected);
    case Kind::kYoungerThan:
      return CheckAges(condition, selected, signed_at, now);
  }
  return Internal("condition of an unknown kind");
}

}  // namespace xzgate::signature
