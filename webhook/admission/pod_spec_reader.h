#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/admission/review.h"
#include "webhook/admission/review_map.h"

namespace xzgate::admission {

// Collects the image uses and the facts of one object's pod specs while they are read. Used once,
// by one thread.
class PodSpecReader {
 public:
  // A pod spec begins; `field` is its path. False with a `stop_reason` when there are too many.
  bool StartPod(std::string field);
  // A container or volume begins, and ends as the element `index` of a list of this kind; false as
  // above.
  void StartItem() { draft_ = {}; }
  bool EndItem(UseKind kind, std::size_t index);
  // A value inside of a pod spec; others are left alone. False as above.
  bool SetString(Node node, std::string_view text);
  void SetBool(Node node, bool b);

  const std::string& stop_reason() const { return stop_reason_; }
  std::vector<ImageUse>& uses() { return uses_; }
  std::vector<PodFacts>& pods() { return pods_; }

 private:
  // The container or volume being read.
  struct Draft {
    std::string name, reference, pull_policy, host_path;
    bool has_image = false;
    bool has_host_path = false;
    ContainerFacts facts;
  };

  std::string* SlotOf(Node node);
  bool AddPullSecret(std::string_view name);
  bool Stop(std::string_view what, std::size_t limit);

  std::vector<ImageUse> uses_;
  std::vector<PodFacts> pods_;
  std::size_t items_ = 0;  // containers, and volumes of the node, of all pods
  Draft draft_;
  std::string stop_reason_;
};

}  // namespace xzgate::admission
