#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "scanner/rules/image_view.h"

namespace xzgate::rules {

// Names to look up by view.
using Names = std::set<std::string, std::less<>>;

// Which packages list which of the interesting files. An image lists hundreds of thousands of
// files, so only lines with an interesting last component are kept. Use: Scan before the view is
// built, Resolve after it, then ask. Confined to one thread; borrows the image and the view.
class Owners {
 public:
  // A package is named by the kind of its database and its name.
  using PackageKey = std::pair<facts::DatabaseKind, std::string>;

  // Keeps the lines whose last component is in `basenames` (none: reads nothing), and remembers
  // which of `packages` have a list at all. Returns what could not be read.
  std::vector<std::string> Scan(const ImageFacts& image, const Names& basenames,
                                const Names& packages, ImageView& view);

  // Drops the lines of hidden lists and of packages that are not `installed`; resolves the rest.
  void Resolve(const ImageView& view, const std::set<PackageKey>& installed);

  // The packages that list any of `paths` (resolved), each once, sorted.
  std::vector<std::string> Of(const std::vector<std::string>& paths) const;
  // The packages of interest with a visible list.
  const std::set<std::string>& listed() const { return listed_; }
  // Whether the image has any list of any package.
  bool any_list() const { return any_list_; }

 private:
  struct Line {
    PackageKey package;
    std::string path;
    std::size_t source = 0;  // watched id of the list
  };
  void Keep(const facts::Ownership& list, std::size_t layer, std::vector<Line> lines,
            ImageView& view);

  std::vector<Line> lines_;
  std::unordered_multimap<std::string, std::string> by_path_;
  std::set<std::string> listed_;
  bool any_list_ = false;
};

}  // namespace xzgate::rules
