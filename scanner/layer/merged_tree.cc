#include "scanner/layer/merged_tree.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "scanner/layer/laid_tree.h"
#include "scanner/layer/tar_name.h"

namespace xzgate::layer {

namespace {

constexpr std::size_t kBytesPerStep = 64;  // long names make every comparison dearer

using FileNumber = LaidTree::FileNumber;  // one number for each (layer, path) that is watched
using Name = LaidTree::Name;
using Way = LaidTree::Way;

}  // namespace

struct MergedTree::State {
  std::vector<std::map<std::string, FileNumber, std::less<>>> watched;  // by layer
  std::vector<FileNumber> file_of_id;
  FileNumber files = 0;
  std::size_t layer = 0;
  std::uint64_t entries = 0;
  std::uint64_t steps = 0;
  std::array<LaidTree, 2> trees = {LaidTree(Way::kOntoTree, kMaxLinkDepth, kMaxNames / 2),
                                   LaidTree(Way::kOverlay, kMaxLinkDepth, kMaxNames / 2)};
  std::vector<const Name*> by_file;  // of both trees, made when asked for
  bool by_file_is_valid = false;

  void Lay(const Entry& entry);
  void EndLayer();
  std::uint64_t all_steps() const { return steps + trees[0].steps() + trees[1].steps(); }
  Result<void> CheckLimits();
};

Result<void> MergedTree::State::CheckLimits() {
  const auto exceeded = [](std::uint64_t limit, std::string_view what) {
    return ResourceExhausted("merged tree: more than " + std::to_string(limit) + ' ' +
                             std::string(what));
  };
  if (entries > kMaxEntries) return exceeded(kMaxEntries, "entries in the image's layers");
  std::size_t links = 0;
  for (LaidTree& tree : trees) {
    if (!tree.problem().empty()) return Integrity("merged tree: " + tree.problem());
    if (tree.names_given() > kMaxNames / 2)
      return exceeded(kMaxNames / 2, "names of watched files");
    links += tree.links().size();
  }
  if (links > kMaxLinks) return exceeded(kMaxLinks, "symlinks");
  if (all_steps() > kMaxSteps) return exceeded(kMaxSteps, "steps");
  return {};
}

void MergedTree::State::Lay(const Entry& entry) {
  std::optional<FileNumber> file;
  if (entry.type == EntryType::kFile && layer < watched.size()) {
    const auto found = watched[layer].find(entry.path);
    if (found != watched[layer].end()) file = found->second;
  }
  for (LaidTree& tree : trees) tree.Lay(entry, file);
}

void MergedTree::State::EndLayer() {
  for (LaidTree& tree : trees) tree.EndLayer();
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
    for (const LaidTree& tree : state.trees) {
      for (const Name& name : tree.names()) state.by_file.push_back(&name);
    }
    std::ranges::sort(state.by_file, [](const Name* a, const Name* b) {
      return std::tie(a->file, a->path) < std::tie(b->file, b->path);
    });
    state.by_file_is_valid = true;
  }
  const auto found = std::ranges::equal_range(state.by_file, state.file_of_id[id], {}, &Name::file);
  std::vector<std::string> paths;
  for (const Name* name : found) {
    if (paths.empty() || paths.back() != name->path) paths.push_back(name->path);  // in both trees
  }
  return paths;
}

std::string MergedTree::Resolve(std::string_view path) const {
  State& state = *state_;
  if (state.all_steps() > kMaxSteps) return "";
  return state.trees[0].links().ResolveParents(CleanPath(path)).value_or("");
}

std::uint64_t MergedTree::steps() const {
  return state_->all_steps();
}

}  // namespace xzgate::layer
