#include "webhook/admission/kind_table.h"

#include <algorithm>

#include "base/text.h"
#include "webhook/admission/review_map.h"

namespace xzgate::admission {
namespace {

constexpr std::string_view kEach = "[*]";

// Keys of Kubernetes objects that a path can name: JSON names of fields of types.
bool IsKey(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

std::unexpected<Error> BadPath(std::string_view path, std::string_view why) {
  return InvalidArgument("path " + Quote(path) + ": " + std::string(why));
}

Result<std::vector<PathStep>> ParsePath(std::string_view path) {
  if (path.size() > kMaxPathBytes)
    return BadPath(path, "longer than " + std::to_string(kMaxPathBytes) + " bytes");
  std::vector<PathStep> steps;
  for (std::string_view key : Split(path, '.')) {
    const bool is_list = key.ends_with(kEach);
    if (is_list) key.remove_suffix(kEach.size());
    if (!IsKey(key))
      return BadPath(path,
                     "want keys with dots between them, [*] after one for each element of a list, "
                     "such as \"spec.template\"");
    steps.push_back({.key = std::string(key), .is_list = is_list});
  }
  if (steps.size() > kMaxPathKeys)
    return BadPath(path, "more than " + std::to_string(kMaxPathKeys) + " keys");
  return steps;
}

}  // namespace

PodPaths PodPaths::OfPod() {
  PodPaths paths;
  paths.steps_[kRoot].is_template = true;
  return paths;
}

std::size_t PodPaths::Append(PathStep step) {
  steps_.push_back(std::move(step));
  return steps_.size() - 1;
}

std::optional<std::size_t> PodPaths::Follow(std::size_t from, std::string_view key) const {
  for (std::size_t i = kRoot + 1; i < steps_.size(); ++i) {
    if (steps_[i].parent == from && steps_[i].key == key) return i;
  }
  return std::nullopt;
}

Result<void> PodPaths::Add(std::string_view path) {
  XZGATE_ASSIGN(auto steps, ParsePath(path));
  std::size_t at = kRoot;
  bool is_new = false;
  for (auto& step : steps) {
    if (steps_[at].is_template) return BadPath(path, "leads into another path");
    if (const auto known = Follow(at, step.key)) {
      if (steps_[*known].is_list != step.is_list)
        return BadPath(path, Quote(step.key) + " is a list in another path");
      at = *known;
      continue;
    }
    step.parent = at;
    at = Append(std::move(step));
    is_new = true;
  }
  if (!is_new) return BadPath(path, "given twice, or another leads through it");
  steps_[at].is_template = true;
  return {};
}

void PodPaths::AddReplicas() {
  const auto spec = Follow(kRoot, "spec");
  const std::size_t from = spec ? *spec : Append({.key = "spec", .parent = kRoot});
  if (steps_[from].is_template || steps_[from].is_list || Follow(from, "replicas")) return;
  Append({.key = "replicas", .parent = from, .is_replicas = true});
}

PodPaths& KindTable::At(std::string_view group, std::string_view kind) {
  for (Row& row : rows_) {
    if (row.group == group && row.kind == kind) return row.paths;
  }
  return rows_.emplace_back(Row{std::string(group), std::string(kind), {}}).paths;
}

KindTable::KindTable() {
  for (const KindRow& row : BuiltInKinds()) {
    PodPaths& paths = At(row.group, row.kind);
    if (row.path.empty()) {
      paths = PodPaths::OfPod();
    } else {
      (void)paths.Add(row.path);  // a test reads an object of each row
      paths.AddReplicas();
    }
  }
}

const KindTable& KindTable::BuiltIn() {
  static const KindTable table;
  return table;
}

Result<KindTable> KindTable::Create(std::span<const ExtraKind> extra) {
  if (extra.size() > kMaxExtraKinds)
    return InvalidArgument("more than " + std::to_string(kMaxExtraKinds) + " kinds");
  KindTable table;
  for (const ExtraKind& row : extra) {
    if (row.kind.empty()) return InvalidArgument("a kind without a name");
    if (BuiltIn().Find(row.group, row.kind) != nullptr)
      return InvalidArgument("kind " + Quote(row.kind) + ": is known without being named here");
    XZGATE_RETURN_IF_ERROR(table.At(row.group, row.kind).Add(row.path));
  }
  for (const ExtraKind& row : extra) table.At(row.group, row.kind).AddReplicas();
  return table;
}

const PodPaths* KindTable::Find(std::string_view group, std::string_view kind) const {
  for (const Row& row : rows_) {
    if (row.kind == kind && row.group == group) return &row.paths;
  }
  return nullptr;
}

}  // namespace xzgate::admission
