#include "scanner/rules/environment.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace xzgate::rules {
namespace {

constexpr std::string_view kPreload = "LD_PRELOAD=";
constexpr std::string_view kPath = "LD_LIBRARY_PATH=";
constexpr std::size_t kMaxValueBytes = 64 * 1024;

// The parts of a value, whatever separates them (ld.so(8)).
std::vector<std::string_view> Parts(std::string_view value, std::string_view separators) {
  std::vector<std::string_view> parts;
  value = value.substr(0, kMaxValueBytes);
  while (!value.empty()) {
    const auto end = value.find_first_of(separators);
    if (end != 0) parts.push_back(value.substr(0, end));
    if (end == value.npos) break;
    value.remove_prefix(end + 1);
  }
  return parts;
}

std::string DirectoryOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string() : std::string(path.substr(0, slash));
}

}  // namespace

void AddEnvironmentNotes(const oci::ImageConfig& config, const RulePack& pack,
                         const ImageView& view, const std::vector<FileFinding>& files,
                         std::vector<std::string>& notes) {
  std::set<std::string> paths;
  std::set<std::string> directories;
  for (const FileFinding& file : files) {
    for (const std::string& path : file.paths) {
      paths.insert(path);
      directories.insert(DirectoryOf(path));
    }
  }
  const std::set<std::string> usual(pack.library_directories.begin(),
                                    pack.library_directories.end());
  for (const std::string& variable : config.env) {
    const std::string_view text = variable;
    if (text.starts_with(kPreload)) {
      for (const auto part : Parts(text.substr(kPreload.size()), " :")) {
        const bool by_name = !pack.library_name.empty() &&
                             Basename(part).find(pack.library_name) != std::string_view::npos;
        if (!by_name && !paths.contains(view.Resolve(part))) continue;
        notes.push_back("LD_PRELOAD loads " + Escape(part));
      }
    }
    if (text.starts_with(kPath)) {
      for (const auto part : Parts(text.substr(kPath.size()), ":;")) {
        // A name below it, so that the directory itself is resolved too.
        const std::string directory = DirectoryOf(view.Resolve(std::string(part) + "/x"));
        if (!directories.contains(directory) || usual.contains(directory)) continue;
        notes.push_back("LD_LIBRARY_PATH names " + Escape(part) + ", which holds the library");
      }
    }
  }
}

}  // namespace xzgate::rules
