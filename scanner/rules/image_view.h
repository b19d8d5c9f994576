#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scanner/layer/merged_tree.h"
#include "scanner/rules/judge.h"

namespace xzgate::rules {

// Which of the watched files the image's merged view still shows. It errs towards showing: a file
// that its own layer's log does not name, or any file once the tree could not be built, counts as
// visible. Use: Watch all, Build, ask. Confined to one thread; borrows the image.
class ImageView {
 public:
  explicit ImageView(const ImageFacts& image) : image_(image), watched_(image.layers.size()) {}

  // The file that layer number `layer` (0 = lowest) brings at `path`; the same id for the same
  // file.
  std::size_t Watch(std::size_t layer, std::string_view path);

  // A file that was watched because its name asked for it.
  struct Named {
    std::size_t layer = 0;
    std::string path;
    std::size_t id = 0;
  };

  // Lays all layers over each other. Also watches and returns every regular file whose last path
  // component `wanted` accepts.
  std::vector<Named> Build(const std::function<bool(std::string_view basename)>& wanted);

  // The names under which the file can be reached, none when it is hidden.
  std::vector<std::string> Paths(std::size_t id) const;
  bool IsVisible(std::size_t id) const { return !Paths(id).empty(); }

  // `path` with all symlinked parents resolved.
  std::string Resolve(std::string_view path) const;

  // Why the view may be wrong; empty when it is whole.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct File {
    std::size_t tree_id = 0;
    std::string path;
    bool logged = false;  // its layer's log names it as a regular file
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Watched = std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>>;

  void ReadLog(std::size_t layer, const std::function<bool(std::string_view)>& wanted,
               std::vector<Named>& named);
  void ApplyAll();

  const ImageFacts& image_;
  layer::MergedTree tree_;
  std::vector<File> files_;
  std::vector<Watched> watched_;  // by layer: path to index in files_
  std::vector<std::string> problems_;
  bool whole_ = true;
};

// The last component of a path.
std::string_view Basename(std::string_view path);

}  // namespace xzgate::rules
