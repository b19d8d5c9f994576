#include "scanner/layer/merged_tree.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "scanner/layer/link_tree.h"
#include "scanner/layer/tar_name.h"

namespace xzgate::layer {

namespace {

constexpr std::size_t kBytesPerStep = 64;  // long names make every comparison dearer

using FileNumber = std::uint32_t;  // one number for each (layer, path) that is watched

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

}  // namespace

// Names of the layer being laid stand apart from those of lower layers: whatever removes something
// removes it from `lower` only, in one range, so each name is removed once and every copy within a
// layer stays. Entries are taken in the order of the archive, as runtimes do; opaque markers need
// no pass of their own because they cannot touch `current`.
struct MergedTree::State {
  std::vector<std::map<std::string, FileNumber, std::less<>>> watched;  // by layer
  std::vector<FileNumber> file_of_id;
  FileNumber files = 0;
  std::size_t layer = 0;
  std::uint64_t entries = 0;
  std::uint64_t names = 0;
  std::uint64_t steps = 0;
  Names lower;
  Names current;
  LinkTree links{kMaxLinkDepth};
  std::vector<const Name*> by_file;  // of `lower`, made when asked for
  bool by_file_is_valid = false;

  std::string Place(std::string_view path);
  void EraseAt(std::string_view path);
  void EraseUnder(std::string_view directory);
  void AddName(const std::string& path, FileNumber file);
  Result<void> CheckLimits() const;

  void Lay(const Entry& entry);
  void LayFile(const Entry& entry, const std::string& place);
  void LayHardLink(const Entry& entry, const std::string& place);
  void EndLayer();
};

// Where `path` lands. A path that no runtime can follow keeps its own name: a watched file must not
// vanish behind a loop.
std::string MergedTree::State::Place(std::string_view path) {
  auto place = links.ResolveParents(path);
  return place ? std::move(*place) : std::string(path);
}

void MergedTree::State::EraseAt(std::string_view path) {
  ++steps;
  auto at = lower.lower_bound(path);
  while (at != lower.end() && at->path == path) {
    at = lower.erase(at);
    ++steps;
  }
}

void MergedTree::State::EraseUnder(std::string_view directory) {
  ++steps;
  const std::string prefix = directory.empty() ? std::string() : std::string(directory) + '/';
  auto at = lower.lower_bound(std::string_view(prefix));
  while (at != lower.end() && at->path.starts_with(prefix)) {
    at = lower.erase(at);
    ++steps;
  }
}

void MergedTree::State::AddName(const std::string& path, FileNumber file) {
  ++names;
  ++steps;
  if (names <= kMaxNames) current.insert(Name{path, file});
}

Result<void> MergedTree::State::CheckLimits() const {
  const auto exceeded = [](std::uint64_t limit, std::string_view what) {
    return ResourceExhausted("merged tree: more than " + std::to_string(limit) + ' ' +
                             std::string(what));
  };
  if (entries > kMaxEntries) return exceeded(kMaxEntries, "entries in the image's layers");
  if (names > kMaxNames) return exceeded(kMaxNames, "names of watched files");
  if (links.size() > kMaxLinks) return exceeded(kMaxLinks, "symlinks");
  if (steps + links.steps() > kMaxSteps) return exceeded(kMaxSteps, "steps");
  return {};
}

void MergedTree::State::LayFile(const Entry& entry, const std::string& place) {
  EraseAt(place);
  EraseUnder(place);
  links.EraseTree(place);
  if (entry.type != EntryType::kFile || layer >= watched.size()) return;
  const auto found = watched[layer].find(entry.path);
  if (found != watched[layer].end()) AddName(place, found->second);
}

void MergedTree::State::LayHardLink(const Entry& entry, const std::string& place) {
  const std::string target = Place(entry.target);
  if (target == place) return;
  std::vector<FileNumber> linked;
  for (const Names* names_at : {&std::as_const(lower), &std::as_const(current)}) {
    auto at = names_at->lower_bound(std::string_view(target));
    for (; at != names_at->end() && at->path == target; ++at) linked.push_back(at->file);
  }
  const std::string* symlink = links.Find(target);
  const auto copy = symlink == nullptr ? std::nullopt : std::optional(*symlink);
  LayFile(entry, place);
  for (const FileNumber file : linked) AddName(place, file);
  if (copy) links.Set(place, *copy);  // a hard link to a symlink is one more symlink
}

void MergedTree::State::Lay(const Entry& entry) {
  if (entry.type == EntryType::kOpaque) {
    const auto directory = links.ResolveDirectory(entry.path);
    if (!directory) return;
    EraseUnder(*directory);
    links.EraseLowerUnder(*directory);
    return;
  }
  if (entry.path.empty() && entry.type != EntryType::kFile) return;  // the root stays a directory
  const std::string place = Place(entry.path);
  switch (entry.type) {
    case EntryType::kFile:
    case EntryType::kOther:
      return LayFile(entry, place);
    case EntryType::kHardLink:
      return LayHardLink(entry, place);
    case EntryType::kSymlink:
      LayFile(entry, place);
      return links.Set(place, entry.target);
    case EntryType::kDirectory:
      EraseAt(place);
      return links.Erase(place);
    case EntryType::kWhiteout:
      EraseAt(place);
      EraseUnder(place);
      return links.EraseLowerTree(place);
    case EntryType::kOpaque:
      return;
  }
}

void MergedTree::State::EndLayer() {
  steps += current.size();
  lower.merge(current);
  current.clear();
  links.EndLayer();
  ++layer;
  by_file_is_valid = false;
}

MergedTree::MergedTree() : state_(std::make_unique<State>()) {}
MergedTree::~MergedTree() = default;

std::size_t MergedTree::Watch(std::size_t layer, std::string_view path) {
  State& state = *state_;
  if (layer >= state.watched.size()) state.watched.resize(layer + 1);
  const auto [at, is_new] = state.watched[layer].try_emplace(std::string(path), state.files);
  if (is_new) ++state.files;
  state.file_of_id.push_back(at->second);
  return state.file_of_id.size() - 1;
}

Result<void> MergedTree::Apply(const EntryLog& log) {
  State& state = *state_;
  Result<void> within_limits;
  const auto lay = [&state, &within_limits](const Entry& entry) {
    ++state.entries;
    state.steps += entry.path.size() / kBytesPerStep;
    state.Lay(entry);
    within_limits = state.CheckLimits();
    return within_limits.has_value();
  };
  XZGATE_RETURN_IF_ERROR(log.ForEach(lay));
  state.EndLayer();
  return within_limits;
}

std::vector<std::string> MergedTree::VisiblePaths(std::size_t id) const {
  State& state = *state_;
  if (id >= state.file_of_id.size()) return {};
  if (!state.by_file_is_valid) {
    state.by_file.clear();
    for (const Name& name : state.lower) state.by_file.push_back(&name);
    std::ranges::sort(state.by_file, [](const Name* a, const Name* b) {
      return std::tie(a->file, a->path) < std::tie(b->file, b->path);
    });
    state.by_file_is_valid = true;
  }
  const auto found = std::ranges::equal_range(state.by_file, state.file_of_id[id], {}, &Name::file);
  std::vector<std::string> paths;
  for (const Name* name : found) paths.push_back(name->path);
  return paths;
}

std::string MergedTree::Resolve(std::string_view path) const {
  State& state = *state_;
  if (state.links.steps() + state.steps > kMaxSteps) return "";
  return state.links.ResolveParents(CleanPath(path)).value_or("");
}

std::uint64_t MergedTree::steps() const {
  return state_->steps + state_->links.steps();
}

}  // namespace xzgate::layer
