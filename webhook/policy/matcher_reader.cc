#include "webhook/policy/matcher_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "scanner/signature/expression_advice.h"

namespace xzgate::policy {
namespace {

using signature::TextMatcher;

constexpr std::size_t kMaxIdentities = 32;  // of one authority
constexpr std::size_t kMaxExpressionBytes = 1024;

std::optional<TextMatcher> ReadText(const yaml::Node& node, std::string_view expression_key,
                                    yaml::Problems& problems) {
  if (!node.IsScalar()) {
    node.Complain(problems, std::string("want a text, found ") + (node.IsMapping()    ? "a mapping"
                                                                  : node.IsSequence() ? "a list"
                                                                                      : "nothing"));
    return std::nullopt;
  }
  auto matcher = TextMatcher::ExactAsWritten(node.scalar(), expression_key);
  if (matcher) return std::move(*matcher);
  node.Complain(problems, matcher.error().message());
  return std::nullopt;
}

// An expression that leaves the host open is one for anybody who has a host.
void CheckHost(const yaml::Mapping& map, std::string_view key,
               const std::optional<TextMatcher>& matcher, yaml::Problems& problems) {
  if (!matcher || !matcher->IsExpression()) return;
  const auto named = signature::CheckNamesHost(matcher->text());
  if (!named) map.node().Find(key)->Complain(problems, named.error().message());
}

using Extensions = decltype(signature::IdentityRule::extensions);

// `extensions` or `extensionsRegExp`.
void ReadExtensions(yaml::Mapping& map, std::string_view key, bool are_expressions,
                    Extensions& out) {
  const yaml::Node* node = map.Take(key);
  if (node == nullptr) return;
  if (!node->IsMapping() || node->members().empty())
    return node->Complain(map.problems(), "want a mapping of extensions and their values");
  for (const auto& [name, value] : node->members()) {
    const auto twice = std::ranges::any_of(
        out, [&wanted = name](const auto& known) { return known.first == wanted; });
    if (const auto known = signature::CheckExtensionName(name); !known) {
      map.problems().Add(value.WhereKey() + ": " + known.error().message());
    } else if (twice) {
      map.problems().Add(value.WhereKey() + ": is in \"extensions\" too: want it once");
    } else if (auto matcher = are_expressions
                                  ? ReadExpression(value, map.problems())
                                  : ReadText(value, "extensionsRegExp", map.problems())) {
      out.emplace_back(name, std::move(*matcher));
    }
  }
}

}  // namespace

std::optional<TextMatcher> ReadExpression(const yaml::Node& node, yaml::Problems& problems) {
  const std::string& text = node.scalar();
  if (!node.IsScalar() || text.empty()) {
    node.Complain(problems, "want an RE2 expression, such as \"^https://github[.]com/acme/.*$\"");
  } else if (text.size() > kMaxExpressionBytes) {
    node.Complain(problems, "longer than " + std::to_string(kMaxExpressionBytes) + " bytes");
  } else if (auto matcher = TextMatcher::AnchoredExpression(text)) {
    return std::move(*matcher);
  } else {
    node.Complain(problems, matcher.error().message());
  }
  return std::nullopt;
}

std::optional<TextMatcher> ReadMatcher(yaml::Mapping& map, std::string_view key,
                                       std::string_view expression_key, bool required) {
  const yaml::Node* text = map.Take(key);
  const yaml::Node* expression = map.Take(expression_key);
  if (text != nullptr && expression != nullptr) {
    expression->Complain(map.problems(), "there is " + Quote(key) + " too: want one of them");
    return std::nullopt;
  }
  if (text != nullptr) return ReadText(*text, expression_key, map.problems());
  if (expression != nullptr) return ReadExpression(*expression, map.problems());
  if (required) {
    map.node().Complain(map.problems(), "want " + Quote(key) + " or " + Quote(expression_key) +
                                            ": without it anybody would do");
  }
  return std::nullopt;
}

std::vector<signature::IdentityRule> ReadIdentities(yaml::Mapping& authority, bool is_private) {
  std::vector<signature::IdentityRule> rules;
  const yaml::Node* list = authority.node().Find("identities");
  const std::size_t before = authority.problems().list().size();
  authority.Each("identities", [&](yaml::Mapping& map) {
    auto issuer = ReadMatcher(map, "issuer", "issuerRegExp", /*required=*/!is_private);
    auto subject = ReadMatcher(map, "subject", "subjectRegExp", true);
    Extensions extensions;
    ReadExtensions(map, "extensions", false, extensions);
    ReadExtensions(map, "extensionsRegExp", true, extensions);
    if (!is_private) {  // one's own authority knows whom it serves
      CheckHost(map, "issuerRegExp", issuer, map.problems());
      CheckHost(map, "subjectRegExp", subject, map.problems());
    }
    if (!subject) return;  // which is a problem by now
    rules.push_back({.subject = std::move(*subject),
                     .issuer = std::move(issuer),
                     .extensions = std::move(extensions)});
  });
  const yaml::Node& place = list == nullptr ? authority.node() : *list;
  if (rules.empty() && authority.problems().list().size() == before) {
    place.Complain(authority.problems(),
                   std::string("want at least one identity under \"identities\", with ") +
                       (is_private ? "\"subject\"" : "\"issuer\" and \"subject\"") +
                       ": without one anybody would do");
  }
  if (rules.size() > kMaxIdentities) {
    place.Complain(authority.problems(),
                   "more than " + std::to_string(kMaxIdentities) + " identities");
  }
  return rules;
}

}  // namespace xzgate::policy
