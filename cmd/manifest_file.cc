#include "cmd/manifest_file.h"

#include <utility>

#include "base/json/value.h"
#include "base/text.h"
#include "base/yaml/document.h"

namespace xzgate::cmd {
namespace {

constexpr yaml::Limits kManifestLimits{
    .max_bytes = 4 * 1024 * 1024, .max_nodes = 200'000, .max_depth = 64};

// Every scalar as text: the fields that we read are texts, and "5.10" must not become a number on
// the way.
json::Value ToJson(const yaml::Node& node) {
  if (node.IsMapping()) {
    json::Object object;
    for (const auto& [key, value] : node.members()) object.emplace_back(key, ToJson(value));
    return object;
  }
  if (node.IsSequence()) {
    json::Array array;
    for (const auto& item : node.items()) array.push_back(ToJson(item));
    return array;
  }
  return node.IsNull() ? json::Value() : json::Value(node.scalar());
}

const yaml::Node* Descend(const yaml::Node* node, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    if (node == nullptr) return nullptr;
    node = node->Find(key);
  }
  return node;
}

std::string TextAt(const yaml::Node& node, std::initializer_list<std::string_view> keys) {
  const yaml::Node* found = Descend(&node, keys);
  return found != nullptr ? found->scalar() : std::string();
}

Result<admission::Request> AsRequest(const yaml::Node& pod, const std::string& name,
                                     const std::string& namespace_name) {
  const std::string review = json::Encode(json::Object{
      {"apiVersion", "admission.k8s.io/v1"},
      {"kind", "AdmissionReview"},
      {"request",
       json::Object{
           {"uid", "explain"},
           {"kind", json::Object{{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
           {"resource", json::Object{{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
           {"name", name},
           {"namespace", namespace_name},
           {"operation", "CREATE"},
           {"object", ToJson(pod)}}}});
  auto request = admission::ParseReview(review);
  if (!request) return std::unexpected(request.error().error);
  // No trace of a question: nothing is recorded as if a workload had asked.
  request->dry_run = true;
  return std::move(*request);
}

constexpr std::string_view kListSuffix = "List";

// The pod that an object is or holds; null when there is none.
const yaml::Node* FindPod(const yaml::Node& object, std::string_view kind) {
  if (kind == "Pod") return &object;
  using Keys = std::initializer_list<std::string_view>;
  for (const Keys keys : {Keys{"spec", "jobTemplate", "spec", "template"}, Keys{"spec", "template"},
                          Keys{"template"}}) {
    if (keys.size() == 1 && kind != "PodTemplate") continue;
    const yaml::Node* pod = Descend(&object, keys);
    if (Descend(pod, {"spec"}) != nullptr) return pod;
  }
  return nullptr;
}

// Collects objects, one document after the other. Used for one text, by one thread; borrows the
// problems.
class ManifestReader {
 public:
  ManifestReader(std::string_view default_namespace, yaml::Problems& problems)
      : default_namespace_(default_namespace), problems_(problems) {}

  // `assumed` is the kind of an item that does not say its own: a PodList's.
  void Read(const yaml::Node& object, std::string_view assumed = "", int depth = 0) {
    std::string kind = TextAt(object, {"kind"});
    if (kind.empty()) kind = assumed;
    const yaml::Node* items = object.Find("items");
    if (kind.ends_with(kListSuffix) && items != nullptr && items->IsSequence()) {
      ReadItems(*items, kind.substr(0, kind.size() - kListSuffix.size()), depth);
    } else if (const yaml::Node* pod = FindPod(object, kind)) {
      Add(object, *pod, kind);
    } else {
      Skip(object, kind);
    }
  }

  Manifest& manifest() { return manifest_; }

 private:
  void ReadItems(const yaml::Node& items, const std::string& kind, int depth) {
    if (depth == kMaxListDepth) {
      items.Complain(problems_, "more than " + std::to_string(kMaxListDepth) + " lists in lists");
      return;
    }
    for (const auto& item : items.items()) Read(item, kind, depth + 1);
  }

  void Add(const yaml::Node& object, const yaml::Node& pod, const std::string& kind) {
    if (manifest_.objects.size() == kMaxManifestObjects) {
      if (!std::exchange(is_full_, true))
        object.Complain(problems_,
                        "more than " + std::to_string(kMaxManifestObjects) + " objects with pods");
      return;
    }
    std::string namespace_name = TextAt(object, {"metadata", "namespace"});
    if (namespace_name.empty()) namespace_name = default_namespace_;
    const std::string name = TextAt(object, {"metadata", "name"});
    auto request = AsRequest(pod, name, namespace_name);
    if (!request) {
      object.Complain(problems_, request.error().message());
      return;
    }
    const std::string title =
        kind + " " + namespace_name + "/" + name + (kind == "Pod" ? "" : " (pod template)");
    manifest_.objects.push_back({title, std::move(*request)});
  }

  void Skip(const yaml::Node& object, const std::string& kind) {
    const std::string name = TextAt(object, {"metadata", "name"});
    manifest_.skipped.push_back(
        object.Where() + ": " + (kind.empty() ? "an object without a kind" : Escape(kind)) +
        (name.empty() ? "" : " " + Quote(name)) + ": no pod in it, skipped");
  }

  const std::string default_namespace_;
  yaml::Problems& problems_;
  Manifest manifest_;
  bool is_full_ = false;
};

}  // namespace

Result<Manifest> ReadManifest(std::string_view text, std::string_view file,
                              std::string_view default_namespace) {
  yaml::Problems problems;
  ManifestReader reader(default_namespace, problems);
  for (const auto& document : yaml::ReadDocuments(text, file, kManifestLimits, problems))
    reader.Read(document);
  if (!problems.empty()) return std::unexpected(problems.ToError());
  Manifest& manifest = reader.manifest();
  if (manifest.objects.empty()) {
    std::string why = std::string(file) + ": no Pod and no pod template found";
    for (const auto& skipped : manifest.skipped) why += "\n" + skipped;
    return InvalidArgument(std::move(why));
  }
  return std::move(manifest);
}

}  // namespace xzgate::cmd
