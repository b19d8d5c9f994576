// AdmissionReview reader: never crashes; a request that was read names every image that a naive
// tree walk of the same bytes finds in a Pod's lists, so that no spelling of a review hides an
// image from us that another reader would see.

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto request = xzgate::admission::ParseReview(body);
  if (!request) return 0;
  if (request->uid.empty()) std::abort();
  const auto tree = xzgate::json::Parse(
      body,
      {.max_bytes = xzgate::admission::kMaxReviewBytes, .max_depth = 64, .max_values = 1'000'000},
      "review");
  if (!tree) std::abort();
  std::multiset<std::string> want;
  const Value* object = tree->Find("request")->Find("object");
  const Value* spec = object != nullptr ? object->Find("spec") : nullptr;
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
