#include "cmd/manifest_file.h"

#include "base/json/value.h"
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

}  // namespace

Result<std::vector<ManifestObject>> ReadManifest(std::string_view text, std::string_view file,
                                                 std::string_view default_namespace) {
  yaml::Problems problems;
  std::vector<ManifestObject> objects;
  for (const auto& document : yaml::ReadDocuments(text, file, kManifestLimits, problems)) {
    const std::string kind = TextAt(document, {"kind"});
    const yaml::Node* pod = &document;
    if (kind != "Pod") {
      pod = Descend(&document, {"spec", "jobTemplate", "spec", "template"});
      if (pod == nullptr) pod = Descend(&document, {"spec", "template"});
      if (Descend(pod, {"spec"}) == nullptr) continue;
    }
    std::string namespace_name = TextAt(document, {"metadata", "namespace"});
    if (namespace_name.empty()) namespace_name = default_namespace;
    const std::string name = TextAt(document, {"metadata", "name"});
    auto request = AsRequest(*pod, name, namespace_name);
    if (!request) {
      document.Complain(problems, request.error().message());
      continue;
    }
    const std::string title =
        kind + " " + namespace_name + "/" + name + (kind == "Pod" ? "" : " (pod template)");
    objects.push_back({title, std::move(*request)});
  }
  if (!problems.empty()) return std::unexpected(problems.ToError());
  if (objects.empty())
    return InvalidArgument(std::string(file) + ": no Pod and no pod template found");
  return objects;
}

}  // namespace xzgate::cmd
