#include "cmd/yaml_files.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"

namespace xzgate::cmd {
namespace {

namespace fs = std::filesystem;

bool IsYaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

Result<std::vector<std::string>> ListFolder(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (IsYaml(entry->path())) found.push_back(entry->path().string());
  }
  if (error)
    return Unavailable("cannot list the files in " + Quote(folder) + ": " + error.message());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Result<std::vector<std::string>> ListYamlFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
      files.push_back(path);
      continue;
    }
    XZGATE_ASSIGN(const auto found, ListFolder(path));
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.size() > kMaxYamlFiles)
    return ResourceExhausted("more than " + std::to_string(kMaxYamlFiles) + " files");
  return files;
}

}  // namespace xzgate::cmd
