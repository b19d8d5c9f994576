#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace xzgate::layer {

// `path` ends before its last '/', "" if it has none.
std::string_view ParentOf(std::string_view path);
// Whether `path` is `directory` or lies in it; everything lies in "".
bool IsWithin(std::string_view path, std::string_view directory);

// The symlinks of a merged tree by the path where each really lies, those of the layer being laid
// apart from those below, because whiteouts act on the latter only. Confined to one thread.
class LinkTree {
 public:
  static constexpr std::size_t kMaxResolvedBytes = 4096;  // Linux PATH_MAX: no runtime gets further

  explicit LinkTree(int max_depth) : max_depth_(max_depth) {}

  // A symlink of the current layer takes this place.
  void Set(const std::string& path, std::string target);
  // Something that is no directory takes the place: the link there and all links below go.
  void EraseTree(std::string_view path);
  // A directory takes the place of the link there.
  void Erase(std::string_view path);
  // Removes links of lower layers: at `path` and below it, or only below.
  void EraseLowerTree(std::string_view path);
  void EraseLowerUnder(std::string_view directory);
  // The current layer becomes a lower one.
  void EndLayer();

  const std::string* Find(std::string_view path) const;
  // Whether a link of the current layer lies at `path` or below it.
  bool HasOwn(std::string_view path) const;
  std::size_t size() const { return lower_.size() + current_.size(); }

  // Where the directory `path` (cleaned) really lies: every component that is a symlink is
  // followed, targets never leave the root. Absent when more than max_depth links are followed or
  // the result gets too long.
  std::optional<std::string> ResolveDirectory(std::string_view path);
  // The same for all of `path` but its last component.
  std::optional<std::string> ResolveParents(std::string_view path);

  // Components, look-ups and removals so far: the measure of work.
  std::uint64_t steps() const { return steps_; }

 private:
  using Links = std::map<std::string, std::string, std::less<>>;
  struct Cached {
    std::string path;
    std::string resolved;
    bool is_plain =
        false;  // no link was met on the way: only a new link in the way changes the answer
  };

  void EraseAt(Links& links, std::string_view path);
  void EraseUnder(Links& links, std::string_view directory);
  std::optional<std::string> Walk(std::string_view path, bool& is_plain);

  int max_depth_;
  Links lower_;
  Links current_;  // no path is in both
  std::optional<Cached> cached_;
  std::uint64_t steps_ = 0;
};

}  // namespace xzgate::layer
