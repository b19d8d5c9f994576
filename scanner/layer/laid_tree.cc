#include "scanner/layer/laid_tree.h"

#include <iterator>
#include <utility>
#include <vector>

#include "base/text.h"

namespace xzgate::layer {

namespace {

// A name that moves between the sets costs as much as so many comparisons: a layer that hides and
// shows again without end must come to the step limit in seconds.
constexpr std::uint64_t kMoveSteps = 16;

// Whether a name starts with `path`: nearly always none does, and then nothing lies below it.
bool HasNameFrom(const LaidTree::Names& names, std::string_view path) {
  const auto at = names.lower_bound(path);
  return at != names.end() && at->path.starts_with(path);
}

}  // namespace

LaidTree::LaidTree(Way way, int max_link_depth, std::uint64_t max_names)
    : way_(way), max_link_depth_(max_link_depth), max_names_(max_names), links_(max_link_depth) {}

// Where `path` lands. One that no runtime can follow keeps its own name, and nothing that is said
// of the tree can be relied on: what we cannot follow, another reader might.
std::string LaidTree::Place(std::string_view path) {
  auto place = links_.ResolveParents(path);
  if (place) return std::move(*place);
  problem_ = "symlinks on the way to " + Quote(path, 80) + " lead nowhere";
  return std::string(path);
}

LaidTree::Names::iterator LaidTree::Erase(Names::iterator at) {
  steps_ += kMoveSteps;
  const auto next = std::next(at);
  if (way_ == Way::kOverlay) {
    hidden_.insert(lower_.extract(at));
  } else {
    lower_.erase(at);
  }
  return next;
}

void LaidTree::EraseAt(std::string_view path) {
  ++steps_;
  auto at = lower_.lower_bound(path);
  while (at != lower_.end() && at->path == path) at = Erase(at);
}

void LaidTree::EraseUnder(std::string_view directory) {
  ++steps_;
  if (!HasNameFrom(lower_, directory)) return;
  const std::string prefix = directory.empty() ? std::string() : std::string(directory) + '/';
  auto at = lower_.lower_bound(std::string_view(prefix));
  while (at != lower_.end() && at->path.starts_with(prefix)) at = Erase(at);
}

// No directory takes this place. Should one do so later in the same layer, overlayfs merges it with
// the lower one: whatever this layer hid below, by markers or by names, went with what was
// replaced.
void LaidTree::Cover(const std::string& place) {
  ++steps_;
  if (!HasNameFrom(hidden_, place)) return;
  const std::string prefix = place + '/';
  const auto below = hidden_.lower_bound(std::string_view(prefix));
  if (below != hidden_.end() && below->path.starts_with(prefix)) covered_.insert(place);
}

void LaidTree::Uncover(const std::string& directory) {
  ++steps_;
  if (covered_.erase(directory) == 0) return;
  const std::string prefix = directory + '/';
  auto at = hidden_.lower_bound(std::string_view(prefix));
  while (at != hidden_.end() && at->path.starts_with(prefix)) {
    steps_ += kMoveSteps;
    const auto next = std::next(at);
    lower_.insert(hidden_.extract(at));
    at = next;
  }
}

void LaidTree::AddName(const std::string& path, FileNumber file) {
  ++given_;
  ++steps_;
  if (given_ <= max_names_) current_.insert(Name{path, file});
}

// Anything but a directory and a marker.
void LaidTree::LayFile(const std::string& place, std::optional<FileNumber> file) {
  if (!place.empty()) {  // a "file" named like the root takes nothing's place
    EraseAt(place);
    EraseUnder(place);
    Cover(place);
    links_.EraseTree(place);
  }
  if (file) AddName(place, *file);
}

void LaidTree::LayHardLink(const Entry& entry, const std::string& place) {
  const std::string target = Place(entry.target);
  if (target == place) return;
  std::vector<FileNumber> linked;
  for (const Names* names_at : {&std::as_const(lower_), &std::as_const(current_)}) {
    auto at = names_at->lower_bound(std::string_view(target));
    for (; at != names_at->end() && at->path == target; ++at) linked.push_back(at->file);
  }
  const std::string* symlink = links_.Find(target);
  const auto copy = symlink == nullptr ? std::nullopt : std::optional(*symlink);
  LayFile(place, std::nullopt);
  for (const FileNumber file : linked) AddName(place, file);
  if (copy) links_.Set(place, *copy);  // a hard link to a symlink is one more symlink
}

void LaidTree::LayWhiteout(const std::string& place) {
  // Onto a tree the link is gone, and with it where later entries lead; overlayfs' marker cannot be
  // set where something stands.
  if (links_.HasOwn(place)) problem_ = "a layer removes a symlink that it brings";
  EraseAt(place);
  EraseUnder(place);
  Cover(place);
  links_.EraseLowerTree(place);
}

void LaidTree::LayOpaque(const Entry& entry) {
  const auto directory = links_.ResolveDirectory(entry.path);
  if (!directory) return;
  if (!directory->empty() || way_ == Way::kOntoTree) EraseUnder(*directory);
  links_.EraseLowerUnder(*directory);
}

void LaidTree::Lay(const Entry& entry, std::optional<FileNumber> file) {
  if (entry.type == EntryType::kOpaque) return LayOpaque(entry);
  if (entry.path.empty() && entry.type != EntryType::kFile) return;  // the root stays a directory
  const std::string place = Place(entry.path);
  switch (entry.type) {
    case EntryType::kFile:
      return LayFile(place, file);
    case EntryType::kOther:
      return;  // a device that a rootless runtime may leave out: it hides nothing for sure
    case EntryType::kHardLink:
      return LayHardLink(entry, place);
    case EntryType::kSymlink:
      LayFile(place, std::nullopt);
      return links_.Set(place, entry.target);
    case EntryType::kDirectory:
      EraseAt(place);
      Uncover(place);
      return links_.Erase(place);
    case EntryType::kWhiteout:
      return LayWhiteout(place);
    case EntryType::kOpaque:
      return;
  }
}

void LaidTree::EndLayer() {
  steps_ += current_.size() + hidden_.size();
  lower_.merge(current_);
  current_.clear();
  hidden_.clear();
  covered_.clear();
  if (way_ == Way::kOntoTree) return links_.EndLayer();
  steps_ += links_.steps();
  links_ = LinkTree(max_link_depth_);
}

}  // namespace xzgate::layer
