#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scanner/layer/entry_log.h"

namespace xzgate::layer {

// The file system that an image's layers make, as far as it is asked about: which of the watched
// files are still visible, under which names. Rules: OCI image-spec layer.md (whiteouts act on
// lower layers only, opaque first, a file over a directory removes it, a directory over a symlink
// replaces it). Runtimes lay layers in two ways (LaidTree): onto the tree so far, where "lib/x"
// lands in "usr/lib/x" on merged usr; or by overlayfs, where it stays "lib/x". Both are followed,
// and a file is visible when it is in either. Every copy of a path within one layer stays visible;
// only a higher layer hides it (xz.md 7.2). Use: Watch all, Apply each layer from the lowest, then
// ask. Confined to one thread.
class MergedTree {
 public:
  static constexpr int kMaxLinkDepth = 40;                 // hardening.md 8.2
  static constexpr std::uint64_t kMaxEntries = 5'000'000;  // an image, hardening.md 8.2
  static constexpr std::size_t kMaxLinks = 1'000'000;      // symlinks kept: some 200 bytes each
  static constexpr std::uint64_t kMaxNames = 1'000'000;    // of watched files: some 150 bytes each
  static constexpr std::uint64_t kMaxSteps = 200'000'000;  // see steps()

  MergedTree();
  ~MergedTree();

  // A file of interest: the regular file that layer number `layer` (0 = lowest) brings at `path`.
  // Returns its id. Before the first Apply.
  std::size_t Watch(std::size_t layer, std::string_view path);

  // Lays the next layer on top. Errors: kResourceExhausted (a limit above; a truncated log),
  // kIntegrity (damaged log; symlinks that loop, or that a layer both brings and removes). After an
  // error the tree tells nothing that can be relied on.
  Result<void> Apply(const EntryLog& log);

  // The names under which the watched file can be reached now: its own resolved path if visible,
  // and hard links to it. Empty: hidden.
  std::vector<std::string> VisiblePaths(std::size_t id) const;

  // Where `path` (absolute or not) leads after all symlinks but the last component's own; "" when
  // links loop. Targets that would leave the root stop at it.
  std::string Resolve(std::string_view path) const;

  // Path components walked, look-ups and removals so far: what must grow no faster than the input.
  std::uint64_t steps() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::layer
