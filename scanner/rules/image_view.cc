#include "scanner/rules/image_view.h"

namespace xzgate::rules {
namespace {

constexpr std::size_t kMaxNamed = 10'000;  // files whose name alone makes them interesting

}  // namespace

std::string_view Basename(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::size_t ImageView::Watch(std::size_t layer, std::string_view path) {
  Watched& watched = watched_[layer];
  if (const auto found = watched.find(path); found != watched.end()) return found->second;
  const std::size_t id = files_.size();
  files_.push_back({.tree_id = tree_.Watch(layer, path), .path = std::string(path)});
  watched.emplace(std::string(path), id);
  return id;
}

void ImageView::ReadLog(std::size_t layer, const std::function<bool(std::string_view)>& wanted,
                        std::vector<Named>& named) {
  bool full = false;
  const auto read = image_.layers[layer]->entries.ForEach([&](const layer::Entry& entry) {
    if (entry.type != layer::EntryType::kFile) return true;
    const auto found = watched_[layer].find(std::string_view(entry.path));
    if (found != watched_[layer].end()) files_[found->second].logged = true;
    if (wanted(Basename(entry.path))) {
      full = named.size() >= kMaxNamed;
      if (full) return false;
      const std::size_t id = Watch(layer, entry.path);
      files_[id].logged = true;
      named.push_back({.layer = layer, .path = entry.path, .id = id});
    }
    return true;
  });
  if (!read) problems_.push_back(read.error().message());
  if (full)
    problems_.push_back("more than " + std::to_string(kMaxNamed) + " files named like the library");
}

void ImageView::ApplyAll() {
  layer::EntryLog nothing;
  nothing.Finish();
  for (const facts::LayerFacts* facts : image_.layers) {
    // An unread layer keeps its number in the tree.
    const auto applied = tree_.Apply(facts != nullptr ? facts->entries : nothing);
    if (applied) continue;
    problems_.push_back(applied.error().message());
    whole_ = false;
    return;
  }
}

std::vector<ImageView::Named> ImageView::Build(
    const std::function<bool(std::string_view basename)>& wanted) {
  std::vector<Named> named;
  for (std::size_t layer = 0; layer < image_.layers.size(); ++layer) {
    if (image_.layers[layer] != nullptr) ReadLog(layer, wanted, named);
  }
  ApplyAll();
  return named;
}

std::vector<std::string> ImageView::Paths(std::size_t id) const {
  const File& file = files_[id];
  if (!whole_ || !file.logged) return {file.path};
  return tree_.VisiblePaths(file.tree_id);
}

std::string ImageView::Resolve(std::string_view path) const {
  if (whole_) return tree_.Resolve(path);
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(path);
}

}  // namespace xzgate::rules
