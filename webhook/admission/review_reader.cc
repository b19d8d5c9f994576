#include "webhook/admission/review_reader.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::admission {
namespace {

constexpr std::string_view ShapeName(Shape shape) {
  switch (shape) {
    case Shape::kAny:
      return "any value";
    case Shape::kObject:
      return "object";
    case Shape::kList:
      return "array";
    case Shape::kString:
      return "string";
    case Shape::kBool:
      return "bool";
  }
  return "any value";
}

std::optional<Operation> ParseOperation(std::string_view text) {
  if (text == "CREATE") return Operation::kCreate;
  if (text == "UPDATE") return Operation::kUpdate;
  if (text == "DELETE") return Operation::kDelete;
  if (text == "CONNECT") return Operation::kConnect;
  return std::nullopt;
}

}  // namespace

ReviewReader::ReviewReader(const KindTable& kinds, const std::optional<KindName>& kind)
    : kinds_(kinds), is_kind_set_(kind.has_value()) {
  levels_.reserve(kMaxReviewDepth);
  if (kind) paths_ = kinds_.Find(kind->group, kind->kind);
}

ReviewReader::Place ReviewReader::PlaceOfValue() {
  if (levels_.empty()) return {.node = Node::kReview};
  Level& top = levels_.back();
  if (!top.is_list) return top.next;
  ++top.index;
  return {ElementOf(top.at.node), top.at.step};
}

ReviewReader::Place ReviewReader::Next(const Level& level, std::string_view key) const {
  const Node from = level.at.node;
  if (const Node node = Follow(from, key); node != Node::kIgnored) return {.node = node};
  const bool is_object = from == Node::kObject || from == Node::kOldObject;
  if (paths_ == nullptr || (!is_object && from != Node::kOnPath)) return {};
  if (paths_->at(level.at.step).is_template) return {.node = Follow(Node::kTemplate, key)};
  const auto step = paths_->Follow(level.at.step, key);
  if (!step) return {};
  const PathStep& found = paths_->at(*step);
  return {found.is_replicas ? Node::kReplicas
          : found.is_list   ? Node::kPathList
                            : Node::kOnPath,
          *step};
}

bool ReviewReader::Start(Shape shape, std::string_view found) {
  const Place place = PlaceOfValue();
  const Shape want = ShapeOf(place.node);
  if (want != Shape::kAny && want != shape) return WrongType(place.node, found);
  if (!Begin(place.node)) return false;
  levels_.push_back({.at = place, .is_list = shape == Shape::kList, .next = {}});
  return true;
}

// What the beginning of an object or list means.
bool ReviewReader::Begin(Node node) {
  if (node == Node::kRequest) has_request_ = true;
  if (node == Node::kObject) has_object_ = true;
  if (node == Node::kOldObject) in_old_object_ = true;
  if (node == Node::kContainer || node == Node::kVolume) pods().StartItem();
  if (node == Node::kPodSpec) return Told(pods().StartPod(PodField()));
  if ((node != Node::kObject && node != Node::kOldObject) || is_kind_set_) return true;
  is_blind_ = is_blind_ || request_.kind.empty();
  paths_ = kinds_.Find(request_.group, request_.kind);
  return true;
}

// "spec.jobTemplate.spec.template.spec", of the pod spec that begins.
std::string ReviewReader::PodField() const {
  std::string field;
  for (const Level& level : levels_) {
    const std::string& key =
        level.at.step == PodPaths::kRoot ? std::string() : paths_->at(level.at.step).key;
    if (level.at.node == Node::kPathList)
      field += key + "[" + std::to_string(level.index - 1) + "].";
    if (level.at.node == Node::kOnPath && !paths_->at(level.at.step).is_list) field += key + ".";
  }
  return field + "spec";
}

bool ReviewReader::EndObject() {
  const Node node = levels_.back().at.node;
  levels_.pop_back();
  if (node == Node::kOldObject) in_old_object_ = false;
  if (node != Node::kContainer && node != Node::kVolume) return true;
  // Elements stand in a list of the table, whose index counts the element that just ended.
  const Level& list = levels_.back();
  const auto kind = UseKindOf(list.at.node);
  return !kind || Told(pods().EndItem(*kind, list.index - 1));
}

bool ReviewReader::EndArray() {
  levels_.pop_back();
  return true;
}

bool ReviewReader::Key(std::string_view key) {
  levels_.back().next = Next(levels_.back(), key);
  return true;
}

bool ReviewReader::String(std::string_view text) {
  const Node node = PlaceOfValue().node;
  const Shape want = ShapeOf(node);
  if (want == Shape::kAny) return true;
  if (want != Shape::kString) return WrongType(node, "string");
  return SetString(node, text);
}

bool ReviewReader::Bool(bool b) {
  const Node node = PlaceOfValue().node;
  const Shape want = ShapeOf(node);
  if (want == Shape::kAny) return true;
  if (want != Shape::kBool) return WrongType(node, "bool");
  if (node == Node::kDryRun) {
    request_.dry_run = b;
  } else {
    pods().SetBool(node, b);
  }
  return true;
}

bool ReviewReader::Integer(std::int64_t n) {
  const Node node = PlaceOfValue().node;
  if (node == Node::kReplicas) (in_old_object_ ? old_replicas_ : replicas_) = n;
  return ShapeOf(node) == Shape::kAny || WrongType(node, "number");
}

bool ReviewReader::Null() {
  // An element that is null names no image, but a list that holds one is no list of ours.
  const bool element = !levels_.empty() && levels_.back().is_list;
  const Node node = PlaceOfValue().node;
  if (element && node != Node::kIgnored) return WrongType(node, "null");
  return true;
}

bool ReviewReader::Other(std::string_view found) {
  const Node node = PlaceOfValue().node;
  return ShapeOf(node) == Shape::kAny || WrongType(node, found);
}

std::string* ReviewReader::SlotOf(Node node) {
  switch (node) {
    case Node::kApiVersion:
      return &request_.api_version;
    case Node::kReviewKind:
      return &review_kind_;
    case Node::kGroup:
      return &request_.group;
    case Node::kVersion:
      return &request_.version;
    case Node::kKind:
      return &request_.kind;
    case Node::kResource:
      return &request_.resource;
    case Node::kSubresource:
      return &request_.subresource;
    case Node::kName:
      return &request_.name;
    case Node::kNamespace:
      return &request_.namespace_name;
    case Node::kOperation:
      return &operation_;
    case Node::kUser:
      return &request_.user;
    case Node::kGenerateName:
      return &request_.generate_name;
    default:
      return nullptr;
  }
}

bool ReviewReader::SetString(Node node, std::string_view text) {
  if (std::string* slot = SlotOf(node)) {
    *slot = text;
    return true;
  }
  if (node == Node::kUid) uid_ = std::string(text);
  if (node == Node::kDeletionTimestamp) request_.being_deleted = true;
  if (node == Node::kMirror) request_.is_mirror_pod = true;
  return Told(pods().SetString(node, text));
}

bool ReviewReader::WrongType(Node node, std::string_view found) {
  return Stop("want " + std::string(ShapeName(ShapeOf(node))) + ", found " + std::string(found));
}

bool ReviewReader::Stop(std::string reason) {
  stop_reason_ = std::move(reason);
  return false;
}

bool ReviewReader::Told(bool went_on) {
  return went_on || Stop(pods().stop_reason());
}

Result<void> ReviewReader::Check(std::optional<Operation> operation) const {
  if (review_kind_ != "AdmissionReview")
    return InvalidArgument("kind: want \"AdmissionReview\", found " + Quote(review_kind_));
  if (request_.api_version != "admission.k8s.io/v1") {
    return InvalidArgument("apiVersion: want \"admission.k8s.io/v1\", found " +
                           Quote(request_.api_version));
  }
  if (!has_request_) return InvalidArgument("request: missing");
  if (!uid_ || uid_->empty()) return InvalidArgument("request.uid: missing");
  if (!operation)
    return InvalidArgument("request.operation: want CREATE, UPDATE, DELETE or CONNECT, found " +
                           Quote(operation_));
  if (request_.resource.empty()) return InvalidArgument("request.resource.resource: missing");
  if (*operation != Operation::kCreate && *operation != Operation::kUpdate) return {};
  if (!has_object_) return InvalidArgument("request.object: missing");
  if (request_.kind.empty()) return InvalidArgument("request.kind.kind: missing");
  return {};
}

Result<Request> ReviewReader::Finish() {
  const auto operation = ParseOperation(operation_);
  XZGATE_RETURN_IF_ERROR(Check(operation));
  request_.uid = *uid_;
  request_.operation = *operation;
  request_.is_known_kind = paths_ != nullptr;
  request_.is_template = paths_ != nullptr && !paths_->at(PodPaths::kRoot).is_template;
  request_.is_mirror_pod = request_.is_mirror_pod && !request_.is_template;
  request_.uses = std::move(new_.uses());
  request_.pods = std::move(new_.pods());
  request_.old_pods = std::move(old_.pods());
  // Only something that exists can be on its way out; on CREATE the field is what a user wrote.
  if (*operation == Operation::kCreate) request_.being_deleted = false;
  if (*operation == Operation::kUpdate) Compare();
  return std::move(request_);
}

// What an update leaves as it was.
void ReviewReader::Compare() {
  bool is_any_new = false;
  for (auto& use : request_.uses) {
    use.unchanged = std::ranges::any_of(old_.uses(), [&use](const ImageUse& old) {
      return old.kind == use.kind && old.name == use.name && old.reference == use.reference &&
             old.pull_policy == use.pull_policy;
    });
    is_any_new = is_any_new || !use.unchanged;
  }
  request_.is_scale_down = replicas_ && old_replicas_ && *replicas_ < *old_replicas_ &&
                           !is_any_new && request_.pods == request_.old_pods;
}

}  // namespace xzgate::admission
