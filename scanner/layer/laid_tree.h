#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "scanner/layer/entry_log.h"
#include "scanner/layer/link_tree.h"

namespace xzgate::layer {

// The names of watched files while layers are laid over each other in one of the two ways that
// runtimes have. Confined to one thread.
//
// Names of the layer being laid stand apart from those of lower layers: whatever removes something
// removes it from the latter only, in one range, so each name is removed once and every copy within
// a layer stays. Entries are taken in the order of the archive, as runtimes do; opaque markers need
// no pass of their own because they cannot touch the current layer.
class LaidTree {
 public:
  enum class Way : std::uint8_t {
    kOntoTree,  // unpacks over the tree so far and follows its symlinks
    // Unpacks into an empty directory and leaves the merging to the kernel: containerd, CRI-O and
    // Docker with overlayfs. No symlink of a lower layer is followed, and the root is always
    // merged.
    kOverlay,
  };
  using FileNumber = std::uint32_t;

  // A path where a watched file really lies.
  struct Name {
    std::string path;
    FileNumber file = 0;
    auto operator<=>(const Name&) const = default;
  };
  struct NameLess {
    using is_transparent = void;
    bool operator()(const Name& a, const Name& b) const { return a < b; }
    bool operator()(const Name& a, std::string_view b) const { return a.path < b; }
    bool operator()(std::string_view a, const Name& b) const { return a < b.path; }
  };
  using Names = std::set<Name, NameLess>;

  LaidTree(Way way, int max_link_depth, std::uint64_t max_names);

  // `file`: the watched file that the entry is.
  void Lay(const Entry& entry, std::optional<FileNumber> file);
  void EndLayer();

  const Names& names() const { return lower_; }  // of the layers that have ended
  LinkTree& links() { return links_; }
  // Names given so far; those beyond the limit are counted and not kept.
  std::uint64_t names_given() const { return given_; }
  // Why the tree tells nothing any more; "" while it does.
  const std::string& problem() const { return problem_; }
  std::uint64_t steps() const { return steps_ + links_.steps(); }

 private:
  std::string Place(std::string_view path);
  void EraseAt(std::string_view path);
  void EraseUnder(std::string_view directory);
  Names::iterator Erase(Names::iterator at);
  void Cover(const std::string& place);
  void Uncover(const std::string& directory);
  void AddName(const std::string& path, FileNumber file);
  void LayOpaque(const Entry& entry);
  void LayFile(const std::string& place, std::optional<FileNumber> file);
  void LayHardLink(const Entry& entry, const std::string& place);
  void LayWhiteout(const std::string& place);

  Way way_;
  int max_link_depth_;
  std::uint64_t max_names_;
  std::uint64_t given_ = 0;
  std::uint64_t steps_ = 0;
  std::string problem_;
  Names lower_;
  Names current_;
  Names hidden_;                                // what this layer has removed
  std::set<std::string, std::less<>> covered_;  // see Cover
  LinkTree links_;                              // those that are followed
};

}  // namespace xzgate::layer
