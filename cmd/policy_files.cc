#include "cmd/policy_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/byte_source.h"
#include "base/text.h"

namespace xzgate::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPolicyBytes = 256 * 1024;
constexpr std::size_t kMaxPolicyFiles = 1000;

bool IsYaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

Result<std::vector<std::string>> Expand(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      if (IsYaml(entry->path())) found.push_back(entry->path().string());
    }
    if (error)
      return Unavailable("cannot list policies in " + Quote(path) + ": " + error.message());
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.size() > kMaxPolicyFiles)
    return ResourceExhausted("more than " + std::to_string(kMaxPolicyFiles) + " policy files");
  return files;
}

Result<std::vector<std::pair<std::string, std::string>>> ReadAllFiles(
    const std::vector<std::string>& paths) {
  XZGATE_ASSIGN(const auto files, Expand(paths));
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
  return policy::PolicySet::Parse(texts);
}

std::optional<PolicyFiles::Change> PolicyFiles::Poll() {
  const auto texts = ReadAllFiles(paths_);
  std::string now = texts ? "" : "error: " + texts.error().message();
  if (texts) {
    for (const auto& [file, text] : *texts) now += file + '\0' + text + '\0';
  }
  if (!first_ && now == seen_) return std::nullopt;
  first_ = false;
  seen_ = std::move(now);
  if (!texts) return Change{nullptr, texts.error().message()};
  auto set = policy::PolicySet::Parse(*texts);
  if (!set) return Change{nullptr, set.error().message()};
  return Change{std::make_shared<const policy::PolicySet>(std::move(*set)), ""};
}

}  // namespace xzgate::cmd
