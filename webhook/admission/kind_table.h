#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace xzgate::admission {

// The place of a pod template in an object of a kind that the operator named: plain keys with a
// dot between them, "[*]" after one whose value is a list of which each element is meant, as in
// "spec.replicatedJobs[*].template.spec.template". The pod spec is the template's `spec`.
struct ExtraKind {
  std::string group;
  std::string kind;
  std::string path;
};

inline constexpr std::size_t kMaxExtraKinds = 64;
inline constexpr std::size_t kMaxPathBytes = 256;
inline constexpr std::size_t kMaxPathKeys = 16;

// One key on the way from an object to its pod templates.
struct PathStep {
  std::string key;
  std::size_t parent = 0;
  bool is_list = false;      // what follows is in each element
  bool is_template = false;  // the way ends here
  bool is_replicas = false;  // how many pods the object wants
};

// The ways from an object of one kind to its pod templates, as one tree. A value;
// thread-compatible.
class PodPaths {
 public:
  static constexpr std::size_t kRoot = 0;  // the object itself; the template where it is a Pod

  PodPaths() : steps_(1) {}
  // A Pod: the template is the object itself.
  static PodPaths OfPod();

  // Errors: kInvalidArgument for a path that is none, is here already, or leads into another.
  Result<void> Add(std::string_view path);
  // Adds `spec.replicas`, unless a path leads there.
  void AddReplicas();

  const PathStep& at(std::size_t step) const { return steps_[step]; }
  // The step that `key` leads to from `from`.
  std::optional<std::size_t> Follow(std::size_t from, std::string_view key) const;

 private:
  std::size_t Append(PathStep step);

  std::vector<PathStep> steps_;
};

// Where the pod templates of every kind are that xzgate knows: Kubernetes' own (BuiltInKinds of
// review_map.h) and what the operator named. Immutable; thread-compatible.
class KindTable {
 public:
  // Kubernetes' own kinds.
  KindTable();
  static const KindTable& BuiltIn();
  // Errors: kInvalidArgument for a path that PodPaths refuses, a kind of Kubernetes' own, no kind,
  // or more than kMaxExtraKinds.
  static Result<KindTable> Create(std::span<const ExtraKind> extra);

  // Null for a kind that is not known. Versions of a kind do not differ in where the template is.
  const PodPaths* Find(std::string_view group, std::string_view kind) const;

 private:
  struct Row {
    std::string group, kind;
    PodPaths paths;
  };
  PodPaths& At(std::string_view group, std::string_view kind);

  std::vector<Row> rows_;
};

}  // namespace xzgate::admission
