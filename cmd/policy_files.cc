#include "cmd/policy_files.h"

#include <algorithm>
#include <optional>

#include "base/byte_source.h"
#include "base/text.h"
#include "cmd/yaml_files.h"

namespace xzgate::cmd {
namespace {

constexpr std::size_t kMaxPolicyBytes = 256 * 1024;

Result<std::vector<std::pair<std::string, std::string>>> ReadAllFiles(
    const std::vector<std::string>& paths) {
  XZGATE_ASSIGN(const auto files, ListYamlFiles(paths));
  // Policies that are meant to be there and are not must not bring the built-in default into force.
  if (files.empty() && !paths.empty())
    return NotFound("no *.yaml or *.yml in " + Join(paths, ", ") + ": want ImagePolicy documents");
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& file : files) {
    XZGATE_ASSIGN(std::string text, ReadFile(file, kMaxPolicyBytes));
    texts.emplace_back(file, std::move(text));
  }
  return texts;
}

}  // namespace

Result<policy::PolicySet> LoadPolicies(const std::vector<std::string>& paths) {
  XZGATE_ASSIGN(const auto texts, ReadAllFiles(paths));
  return policy::PolicySet::Parse(texts, ReadFile);
}

bool PolicyFiles::HasNamedChanged() const {
  return std::ranges::any_of(named_, [](const auto& known) {
    const auto& [path, file] = known;
    return ReadFile(path, file.max_bytes) != file.content;
  });
}

std::optional<PolicyFiles::Change> PolicyFiles::Poll() {
  const auto texts = ReadAllFiles(paths_);
  std::string now = texts ? "" : "error: " + texts.error().message();
  if (texts) {
    for (const auto& [file, text] : *texts) now += file + '\0' + text + '\0';
  }
  if (!first_ && now == seen_ && !HasNamedChanged()) return std::nullopt;
  first_ = false;
  seen_ = std::move(now);
  named_.clear();
  if (!texts) return Change{nullptr, texts.error().message()};
  // What is remembered is what was parsed: a file that changes meanwhile differs at the next look.
  const policy::FileReader read = [this](const std::string& path, std::size_t max_bytes) {
    auto content = ReadFile(path, max_bytes);
    named_.insert_or_assign(path, NamedFile{.max_bytes = max_bytes, .content = content});
    return content;
  };
  auto set = policy::PolicySet::Parse(*texts, read);
  if (!set) return Change{nullptr, set.error().message()};
  return Change{std::make_shared<const policy::PolicySet>(std::move(*set)), ""};
}

}  // namespace xzgate::cmd
