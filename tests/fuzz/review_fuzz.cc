// AdmissionReview reader: never crashes; a request that was read names every image that a naive
// tree walk of the same bytes finds at the place of its kind, so that no spelling of a review hides
// an image from us that another reader would see.

#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json/reader.h"
#include "webhook/admission/review.h"

namespace {

using xzgate::json::Value;

void Collect(const Value* list, bool volumes, std::multiset<std::string>& found) {
  if (list == nullptr || list->AsArray() == nullptr) return;
  for (const auto& item : *list->AsArray()) {
    const Value* image = item.Find("image");
    if (volumes && image != nullptr) image = image->Find("reference");
    if (image != nullptr && image->AsString() != nullptr) found.insert(*image->AsString());
  }
}

// Where the kinds of the corpus hold their pods, written down a second time.
const std::map<std::string, std::vector<const char*>> kPods = {
    {"/Pod", {}},
    {"/PodTemplate", {"template"}},
    {"/ReplicationController", {"spec", "template"}},
    {"apps/DaemonSet", {"spec", "template"}},
    {"apps/Deployment", {"spec", "template"}},
    {"apps/ReplicaSet", {"spec", "template"}},
    {"apps/StatefulSet", {"spec", "template"}},
    {"batch/Job", {"spec", "template"}},
    {"batch/CronJob", {"spec", "jobTemplate", "spec", "template"}},
    {"argoproj.io/Rollout", {"spec", "template"}}};

std::string TextAt(const Value* object, const char* key) {
  const Value* found = object != nullptr ? object->Find(key) : nullptr;
  return found != nullptr && found->AsString() != nullptr ? *found->AsString() : std::string();
}

const Value* PodOf(const Value& request) {
  const Value* kind = request.Find("kind");
  const auto path = kPods.find(TextAt(kind, "group") + "/" + TextAt(kind, "kind"));
  if (path == kPods.end()) return nullptr;
  const Value* at = request.Find("object");
  for (const char* key : path->second) at = at != nullptr ? at->Find(key) : nullptr;
  return at;
}

xzgate::admission::KindTable Kinds() {
  const std::vector<xzgate::admission::ExtraKind> extra = {
      {"argoproj.io", "Rollout", "spec.template"},
      {"jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[*].template.spec.template"}};
  return xzgate::admission::KindTable::Create(extra).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  static const xzgate::admission::KindTable kinds = Kinds();
  const auto request = xzgate::admission::ParseReview(body, kinds);
  if (!request) return 0;
  if (request->uid.empty()) std::abort();
  const auto tree = xzgate::json::Parse(
      body,
      {.max_bytes = xzgate::admission::kMaxReviewBytes, .max_depth = 64, .max_values = 1'000'000},
      "review");
  if (!tree) std::abort();
  std::multiset<std::string> want;
  if (request->kind == "JobSet") return 0;  // lists on the way: see kinds_test.cc
  const Value* pod = PodOf(*tree->Find("request"));
  const Value* spec = pod != nullptr ? pod->Find("spec") : nullptr;
  if (spec != nullptr) {
    for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
      Collect(spec->Find(list), false, want);
    Collect(spec->Find("volumes"), true, want);
  }
  std::multiset<std::string> got;
  for (const auto& use : request->uses) got.insert(use.reference);
  if (got != want) std::abort();
  return 0;
}
