#include "scanner/rules/ownership.h"

#include <algorithm>

namespace xzgate::rules {
namespace {

// "liblzma5:amd64", as dpkg names a list on a multi-arch system, is the package "liblzma5".
std::string_view PackageName(std::string_view target) {
  return target.substr(0, target.find(':'));
}

}  // namespace

std::vector<std::string> Owners::Scan(const ImageFacts& image, const Names& basenames,
                                      const Names& packages, ImageView& view) {
  std::vector<std::string> problems;
  if (basenames.empty()) return problems;
  for (std::size_t layer = 0; layer < image.layers.size(); ++layer) {
    if (image.layers[layer] == nullptr) continue;
    for (const facts::Ownership& list : image.layers[layer]->ownership) {
      any_list_ = true;
      std::vector<Line> lines;
      Names seen;  // packages of interest already noted for this list
      const auto read = list.files.ForEach([&](const layer::Entry& entry) {
        const std::string_view name = PackageName(entry.target);
        const bool of_interest = packages.contains(name) && !seen.contains(name);
        if (of_interest) seen.emplace(name);
        if (of_interest || basenames.contains(Basename(entry.path))) {
          lines.push_back({{list.kind, std::string(name)}, entry.path, 0});
        }
        return true;
      });
      if (!read) problems.push_back(list.source + ": " + read.error().message());
      if (!lines.empty()) Keep(list, layer, std::move(lines), view);
    }
  }
  return problems;
}

void Owners::Keep(const facts::Ownership& list, std::size_t layer, std::vector<Line> lines,
                  ImageView& view) {
  const std::size_t source = view.Watch(layer, list.source);
  for (Line& line : lines) {
    line.source = source;
    lines_.push_back(std::move(line));
  }
}

void Owners::Resolve(const ImageView& view, const std::set<PackageKey>& installed) {
  std::unordered_map<std::size_t, bool> visible;
  for (const Line& line : lines_) {
    const auto known = visible.find(line.source);
    const bool counts =
        known != visible.end()
            ? known->second
            : visible.emplace(line.source, view.IsVisible(line.source)).first->second;
    if (!counts || !installed.contains(line.package)) continue;
    listed_.insert(line.package.second);
    by_path_.emplace(view.Resolve(line.path), line.package.second);
  }
}

std::vector<std::string> Owners::Of(const std::vector<std::string>& paths) const {
  std::set<std::string> names;
  for (const std::string& path : paths) {
    const auto [first, last] = by_path_.equal_range(path);
    for (auto at = first; at != last; ++at) names.insert(at->second);
  }
  return {names.begin(), names.end()};
}

}  // namespace xzgate::rules
