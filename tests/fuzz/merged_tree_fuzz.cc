// Layers built from the input: the work is bounded, what the top layer brings is visible, and what
// was hidden never comes back.

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/layer/merged_tree.h"
#include "scanner/layer/tar_name.h"

namespace {

using namespace xzgate;
using namespace xzgate::layer;

constexpr std::string_view kParts[] = {"a", "b", "lib", "usr", "x", "..", "lib64", "/"};

// Reads instructions off the input, one byte at a time; zeros at the end.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool IsOver() const { return at_ >= size_; }
  std::uint8_t Byte() { return IsOver() ? std::uint8_t{0} : data_[at_++]; }
  std::string Path() {
    std::string path;
    const std::uint8_t count = Byte() % 5;
    for (int i = 0; i < count; ++i) {
      if (i > 0) path += '/';
      path += kParts[Byte() % 8];
    }
    return path;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

struct Plan {
  std::vector<std::vector<Entry>> layers = {{}};
  std::vector<std::pair<std::size_t, std::string>> watched;
};

Plan ReadPlan(Script& script) {
  Plan plan;
  while (!script.IsOver() && plan.layers.size() < 20) {
    const std::uint8_t op = script.Byte();
    if (op % 16 == 15) {
      plan.layers.emplace_back();
      continue;
    }
    Entry entry{static_cast<EntryType>(op % 7), CleanPath(script.Path()), ""};
    if (entry.type == EntryType::kSymlink) entry.target = script.Path();
    if (entry.type == EntryType::kHardLink) entry.target = CleanPath(script.Path());
    if (entry.type == EntryType::kFile)
      plan.watched.emplace_back(plan.layers.size() - 1, entry.path);
    plan.layers.back().push_back(std::move(entry));
  }
  return plan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  const Plan plan = ReadPlan(script);
  MergedTree tree;
  for (const auto& [layer, path] : plan.watched) tree.Watch(layer, path);
  std::set<std::size_t> hidden;
  for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
    EntryLog log;
    for (const Entry& entry : plan.layers[layer]) log.Append(entry);
    log.Finish();
    if (!tree.Apply(log)) return 0;  // a limit
    for (std::size_t id = 0; id < plan.watched.size(); ++id) {
      const auto paths = tree.VisiblePaths(id);
      const std::size_t from = plan.watched[id].first;
      if (from > layer && !paths.empty()) std::abort();
      if (from == layer && paths.empty()) std::abort();
      if (!paths.empty() && hidden.contains(id)) std::abort();
      if (from <= layer && paths.empty()) hidden.insert(id);
      if (std::set<std::string>(paths.begin(), paths.end()).size() != paths.size()) std::abort();
    }
  }
  if (tree.steps() > 2000 * (size + 1)) std::abort();
  return 0;
}
