#include "webhook/policy/image_patterns_reader.h"

#include "base/text.h"

namespace xzgate::policy {
namespace {

// A pattern is HOST/PATH or a lone "*": one without a path is most likely a mistake ("debian"), and
// would match nothing.
void CheckPattern(const yaml::Node& node, yaml::Problems& problems) {
  const std::string& pattern = node.scalar();
  if (pattern == "*" || pattern == "**") return;
  const auto slash = pattern.find('/');
  const auto complain = [&node, &problems, &pattern](std::string_view message) {
    node.Complain(problems, "pattern " + Quote(pattern) + ": " + std::string(message));
  };
  if (pattern.find("://") != pattern.npos) {
    complain("want HOST/PATH without a scheme, such as \"reg.example/**\"");
  } else if (slash == pattern.npos || slash == 0 || slash + 1 == pattern.size()) {
    complain("want HOST/PATH, such as \"docker.io/library/*\" or \"*.example.com/**\"");
  } else if (ToLower(pattern) != pattern) {
    complain("references are compared in lower case");
  } else if (pattern.find('@') != pattern.npos || pattern.find(':', slash) != pattern.npos) {
    complain("patterns name repositories, without tag or digest");
  } else if (pattern.starts_with("docker.io/") &&
             pattern.find_first_of("/*?", slash + 1) == pattern.npos) {
    complain("would match nothing: official images are docker.io/library/NAME");
  }
}

}  // namespace

void ReadImagePatterns(yaml::Mapping& map, std::string_view key, std::vector<std::string>& out) {
  map.Optional(key, out);
  const yaml::Node* list = map.node().Find(key);
  if (list == nullptr) return;
  for (const yaml::Node& item : list->items()) {
    if (item.IsScalar()) CheckPattern(item, map.problems());
  }
}

}  // namespace xzgate::policy
