#include "webhook/policy/matcher_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"

namespace xzgate::policy {
namespace {

using signature::TextMatcher;

constexpr std::size_t kMaxIdentities = 32;  // of one authority
constexpr std::size_t kMaxExpressionBytes = 1024;

// Where an expression stands in brackets, a class or an escape.
class Scan {
 public:
  // Whether `c`, the next character, means what it is outside of all of them.
  bool IsTopLevel(char c) {
    if (is_escaped_) return is_escaped_ = false;
    if (c == '\\') {
      is_escaped_ = true;
      return false;
    }
    if (in_class_) {
      in_class_ = c != ']';
      return false;
    }
    if (c == '[') in_class_ = true;
    if (c == '(') ++depth_;
    if (c == ')') --depth_;
    return depth_ == 0;
  }
  bool is_escaped() const { return is_escaped_; }

 private:
  bool is_escaped_ = false;
  bool in_class_ = false;
  int depth_ = 0;
};

// "^a|b$" is anchored at one end of each half: whoever writes it means something else.
bool IsAnchored(std::string_view text) {
  if (text.starts_with("(?")) {  // flags first, as in "(?i)^a$"
    const auto end = text.find_first_not_of("imsU-", 2);
    if (end != text.npos && text[end] == ')') text.remove_prefix(end + 1);
  }
  if (text.size() < 2 || text.front() != '^' || text.back() != '$') return false;
  Scan scan;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (scan.IsTopLevel(text[i]) && text[i] == '|') return false;
  }
  return !scan.is_escaped();
}

// What to write for a text that lacks anchors.
std::string Anchored(std::string_view text) {
  const bool has_alternatives = text.find('|') != text.npos;
  if (text.starts_with('^')) text.remove_prefix(1);
  if (text.ends_with('$') && !text.ends_with("\\$")) text.remove_suffix(1);
  return has_alternatives ? "^(?:" + std::string(text) + ")$" : "^" + std::string(text) + "$";
}

std::optional<TextMatcher> ReadText(const yaml::Node& node, std::string_view expression_key,
                                    yaml::Problems& problems) {
  if (!node.IsScalar()) {
    node.Complain(problems, "want text");
    return std::nullopt;
  }
  if (node.scalar().find('*') != std::string::npos) {
    node.Complain(problems, Quote(node.scalar(), 64) + " is compared as it stands: want " +
                                Quote(expression_key) + " for a pattern");
    return std::nullopt;
  }
  auto matcher = TextMatcher::Exact(node.scalar());
  if (matcher) return std::move(*matcher);
  node.Complain(problems, matcher.error().message());
  return std::nullopt;
}

bool IsExtension(std::string_view name) {
  return std::ranges::any_of(signature::FulcioExtensions(),
                             [name](const auto& known) { return known.first == name; });
}

std::string ExtensionNames() {
  std::vector<std::string> names;
  for (const auto& [name, oid] : signature::FulcioExtensions()) names.emplace_back(name);
  return Join(names, ", ");
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
    if (!IsExtension(name)) {
      map.problems().Add(value.WhereKey() + ": no extension of Fulcio's: want one of " +
                         ExtensionNames());
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
  } else if (!IsAnchored(text)) {
    node.Complain(problems, "expression " + Quote(text, 128) +
                                " is not anchored at both ends: want " +
                                Quote(Anchored(text), 140));
  } else if (auto matcher = TextMatcher::Expression(text)) {
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
    auto issuer = is_private ? std::nullopt : ReadMatcher(map, "issuer", "issuerRegExp", true);
    auto subject = ReadMatcher(map, "subject", "subjectRegExp", true);
    Extensions extensions;
    if (!is_private) {
      ReadExtensions(map, "extensions", false, extensions);
      ReadExtensions(map, "extensionsRegExp", true, extensions);
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
