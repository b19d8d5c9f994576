#include "webhook/policy/condition_reader.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "webhook/policy/matcher_reader.h"

namespace xzgate::policy {
namespace {

using signature::Condition;
using Kind = signature::Condition::Kind;

constexpr std::size_t kMaxConditions = 32;  // of one attestation
constexpr std::size_t kMaxTexts = 256;
constexpr std::int64_t kLongestAgeMs = std::chrono::milliseconds(std::chrono::days(3650)).count();

const char* const kWays =
    "equals, oneOf, present, none, noneMatch, matches, atMost, atLeast and youngerThan";

class Reader {
 public:
  explicit Reader(yaml::Mapping& map) : map_(map) {}

  Condition Read() {
    const yaml::Node* at = map_.Take("at", /*required=*/true);
    if (at != nullptr) {
      condition_.pointer = at->scalar();
      const auto checked = signature::CheckPointer(condition_.pointer);
      if (!at->IsScalar() || !checked)
        Complain(*at, checked ? "want a JSON pointer" : checked.error().message());
    }
    Texts("equals", Kind::kOneOf, /*is_list=*/false);
    Texts("oneOf", Kind::kOneOf, /*is_list=*/true);
    Present();
    Texts("none", Kind::kNone, /*is_list=*/true);
    Expressions("noneMatch", Kind::kNone);
    Expressions("matches", Kind::kMatches);
    Number("atMost", Kind::kAtMost);
    Number("atLeast", Kind::kAtLeast);
    Age();
    const bool is_one = ways_ == 1 || (ways_ == 2 && nones_ == 2);
    if (!is_one) {
      Complain(map_.node(), std::string("want one of ") + kWays +
                                (ways_ == 0 ? ", found none" : ", found several"));
    }
    return std::move(condition_);
  }

 private:
  // The node at `key`, if the condition compares this way.
  const yaml::Node* Way(std::string_view key, Kind kind) {
    const yaml::Node* node = map_.Take(key);
    if (node == nullptr) return nullptr;
    condition_.kind = kind;
    ++ways_;
    nones_ += kind == Kind::kNone ? 1 : 0;
    return node;
  }

  void Texts(std::string_view key, Kind kind, bool is_list) {
    const yaml::Node* node = Way(key, kind);
    if (node == nullptr) return;
    if (!is_list) {
      if (!node->IsScalar()) return Complain(*node, "want a text, a number, true or false");
      return condition_.texts.push_back(node->scalar());
    }
    if (!IsGoodList(*node)) return;
    for (const yaml::Node& item : node->items()) {
      if (!item.IsScalar()) return Complain(item, "want a text, a number, true or false");
      condition_.texts.push_back(item.scalar());
    }
  }

  void Present() {
    const yaml::Node* node = Way("present", Kind::kPresent);
    if (node == nullptr || (node->IsPlain() && node->scalar() == "true")) return;
    Complain(*node, "want true: what must not be there is said by \"none\"");
  }

  void Expressions(std::string_view key, Kind kind) {
    const yaml::Node* node = Way(key, kind);
    if (node == nullptr) return;
    const auto add = [this](const yaml::Node& item) {
      if (auto expression = ReadExpression(item, map_.problems()))
        condition_.expressions.push_back(std::move(*expression));
    };
    if (node->IsScalar()) return add(*node);
    if (!IsGoodList(*node)) return;
    for (const yaml::Node& item : node->items()) add(item);
  }

  void Number(std::string_view key, Kind kind) {
    const yaml::Node* node = Way(key, kind);
    if (node == nullptr) return;
    const std::string& text = node->scalar();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!node->IsPlain() || error != std::errc() || end != text.data() + text.size() ||
        !std::isfinite(number))
      return Complain(*node, "want a number, such as 7 or 6.9");
    condition_.number = number;
  }

  void Age() {
    const bool is_there = map_.node().Find("youngerThan") != nullptr;
    if (!is_there) return;
    Way("youngerThan", Kind::kYoungerThan);
    std::int64_t ms = 0;
    map_.OptionalDuration("youngerThan", ms, 1000, kLongestAgeMs);
    condition_.age = std::chrono::milliseconds(ms);
  }

  bool IsGoodList(const yaml::Node& node) {
    if (node.IsSequence() && !node.items().empty() && node.items().size() <= kMaxTexts) return true;
    Complain(node, "want a list of 1 to " + std::to_string(kMaxTexts));
    return false;
  }

  void Complain(const yaml::Node& node, std::string_view message) {
    node.Complain(map_.problems(), message);
  }

  yaml::Mapping& map_;
  Condition condition_;
  int ways_ = 0;
  int nones_ = 0;
};

}  // namespace

std::vector<Condition> ReadConditions(yaml::Mapping& attestation) {
  std::vector<Condition> conditions;
  attestation.Each("conditions",
                   [&conditions](yaml::Mapping& map) { conditions.push_back(Reader(map).Read()); });
  if (conditions.size() > kMaxConditions) {
    attestation.node()
        .Find("conditions")
        ->Complain(attestation.problems(),
                   "more than " + std::to_string(kMaxConditions) + " conditions");
  }
  return conditions;
}

}  // namespace xzgate::policy
