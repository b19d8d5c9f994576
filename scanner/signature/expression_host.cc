// CheckNamesHost of expression_advice.h: a walk over the expression with all that may have been
// read so far, as an automaton would take it. Whatever it does not know stands for anything.

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "scanner/signature/expression_advice.h"
#include "scanner/signature/expression_items.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kMaxStates = 256;
constexpr std::size_t kMaxDepth = 16;

enum class Phase : std::uint8_t { kScheme, kHost, kBehind, kLost };

// One way to have come here.
struct State {
  Phase phase = Phase::kScheme;
  std::string text = {};  // what stands there for certain since the last part that may differ
  bool varies = false;    // something before it may differ
  bool is_open = false;   // it may have become a URL or an address by now
  auto operator<=>(const State&) const = default;
};
using States = std::set<State>;

bool MayBecomeScheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://", "spiffe://"})
    if (scheme.starts_with(text)) return true;
  return false;
}

// Parts of a host may differ where what follows them names a domain.
bool IsHost(const State& state) {
  if (!state.varies) return !state.text.empty();
  const auto dot = state.text.find('.');
  if (dot == std::string::npos || state.text.ends_with('.')) return false;
  return dot == 0 || state.text.find('.', dot + 1) != std::string::npos;
}

State AfterLiteral(State state, char c) {
  if (state.phase == Phase::kScheme) {
    state.text += c;
    if (state.text.ends_with("://")) {
      state = {.phase = state.varies ? Phase::kLost : Phase::kHost};
    } else if (c == '@') {
      state = {.phase = Phase::kHost};
    }
  } else if (state.phase == Phase::kHost && (c == '/' || c == ':')) {
    state = {.phase = IsHost(state) ? Phase::kBehind : Phase::kLost};
  } else if (state.phase == Phase::kHost) {
    state.text += c;
  }
  return state;
}

State AfterAnything(State state, bool takes_slash) {
  if (state.phase == Phase::kScheme) {
    state.is_open = state.is_open || (!state.varies && takes_slash && MayBecomeScheme(state.text));
    state.varies = true;
    state.text.clear();
  } else if (state.phase == Phase::kHost) {
    if (takes_slash) return {.phase = Phase::kLost};
    state.varies = true;
    state.text.clear();
  }
  return state;
}

// NOLINTNEXTLINE(misc-no-recursion): kMaxDepth
bool MayTakeSlash(std::string_view expression, std::size_t depth) {
  if (depth > kMaxDepth) return true;
  for (Items items(expression); !items.AtEnd();) {
    if (items.TakeBar()) continue;
    const auto item = items.Next();
    if (!item) continue;
    const bool takes = item->literal ? *item->literal == '/'
                       : item->group ? MayTakeSlash(*item->group, depth + 1)
                                     : item->takes_slash;
    if (takes) return true;
  }
  return false;
}

States Walk(const States& from, std::string_view expression, std::size_t depth);

// NOLINTNEXTLINE(misc-no-recursion): kMaxDepth
States After(const States& states, const Item& item, std::size_t depth) {
  const bool is_plain = item.literal && !item.repeats;
  const bool takes_slash = item.group     ? item.repeats && MayTakeSlash(*item.group, depth + 1)
                           : item.literal ? *item.literal == '/'
                                          : item.takes_slash;
  States after;
  if (!item.group || item.repeats) {
    for (const State& state : states) {
      // In a host a dot that nobody escaped is meant as one; before it anything may hide behind it.
      const bool is_anything = item.is_bare_dot && state.phase == Phase::kScheme;
      after.insert(is_anything ? AfterAnything(state, true)
                   : is_plain  ? AfterLiteral(state, *item.literal)
                               : AfterAnything(state, takes_slash));
    }
  }
  // Of a group that repeats the last time tells how it ends.
  if (item.group) after = Walk(item.repeats ? after : states, *item.group, depth + 1);
  if (item.is_optional || (item.group && item.repeats)) after.insert(states.begin(), states.end());
  return after;
}

// All alternatives of an expression, each from `from`.
// NOLINTNEXTLINE(misc-no-recursion): kMaxDepth
States Walk(const States& from, std::string_view expression, std::size_t depth) {
  if (depth > kMaxDepth) return {{.phase = Phase::kLost}};
  States ends;
  States now = from;
  for (Items items(expression); !items.AtEnd();) {
    if (items.TakeBar()) {
      ends.insert(now.begin(), now.end());
      if (ends.size() > kMaxStates) return {{.phase = Phase::kLost}};
      now = from;
    } else if (const auto item = items.Next()) {
      now = After(now, *item, depth);
      if (now.size() > kMaxStates) return {{.phase = Phase::kLost}};
    }
  }
  ends.insert(now.begin(), now.end());
  return ends;
}

bool IsNamed(const State& state) {
  switch (state.phase) {
    case Phase::kScheme:
      return !state.is_open;
    case Phase::kHost:
      return IsHost(state);
    case Phase::kBehind:
      return true;
    case Phase::kLost:
      return false;
  }
  return false;
}

}  // namespace

Result<void> CheckNamesHost(std::string_view expression) {
  for (const State& state : Walk({State{}}, expression, 0)) {
    if (IsNamed(state)) continue;
    return InvalidArgument("expression " + Quote(expression) +
                           ": leaves the host open, so that others can have one that matches: want "
                           "the host and the '/' behind it, such as "
                           "\"^https://github[.]com/acme/.*$\" or \"^.*@acme[.]example$\"");
  }
  return {};
}

}  // namespace xzgate::signature
