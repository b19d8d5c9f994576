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

std::string FieldOf(UseKind kind, std::size_t index) {
  const std::string at = "[" + std::to_string(index) + "].image";
  switch (kind) {
    case UseKind::kContainer:
      return "spec.containers" + at;
    case UseKind::kInitContainer:
      return "spec.initContainers" + at;
    case UseKind::kEphemeralContainer:
      return "spec.ephemeralContainers" + at;
    case UseKind::kImageVolume:
      return "spec.volumes" + at + ".reference";
  }
  return at;
}

std::optional<Operation> ParseOperation(std::string_view text) {
  if (text == "CREATE") return Operation::kCreate;
  if (text == "UPDATE") return Operation::kUpdate;
  if (text == "DELETE") return Operation::kDelete;
  if (text == "CONNECT") return Operation::kConnect;
  return std::nullopt;
}

}  // namespace

ReviewReader::ReviewReader() {
  levels_.reserve(kMaxReviewDepth);
}

Node ReviewReader::NodeOfValue() {
  if (levels_.empty()) return Node::kReview;
  Level& top = levels_.back();
  if (!top.is_list) return top.next;
  ++top.index;
  return ElementOf(top.node);
}

bool ReviewReader::Start(Shape shape, std::string_view found) {
  const Node node = NodeOfValue();
  const Shape want = ShapeOf(node);
  if (want != Shape::kAny && want != shape) return WrongType(node, found);
  if (node == Node::kRequest) has_request_ = true;
  if (node == Node::kObject) has_object_ = true;
  if (node == Node::kOldObject) in_old_object_ = true;
  if (node == Node::kContainer || node == Node::kVolume) draft_ = {};
  levels_.push_back(
      {.node = node, .is_list = shape == Shape::kList, .next = Node::kIgnored, .index = 0});
  return true;
}

bool ReviewReader::EndObject() {
  const Node node = levels_.back().node;
  levels_.pop_back();
  if (node == Node::kOldObject) in_old_object_ = false;
  if (node != Node::kContainer && node != Node::kVolume) return true;
  // Elements stand in a list of the table, whose index counts the element that just ended.
  const Level& list = levels_.back();
  const auto kind = UseKindOf(list.node);
  return !kind || FinishDraft(*kind, list.index - 1);
}

bool ReviewReader::EndArray() {
  levels_.pop_back();
  return true;
}

bool ReviewReader::Key(std::string_view key) {
  levels_.back().next = Follow(levels_.back().node, key);
  return true;
}

bool ReviewReader::String(std::string_view text) {
  const Node node = NodeOfValue();
  const Shape want = ShapeOf(node);
  if (want == Shape::kAny) return true;
  if (want != Shape::kString) return WrongType(node, "string");
  return SetString(node, text);
}

bool ReviewReader::Bool(bool b) {
  const Node node = NodeOfValue();
  const Shape want = ShapeOf(node);
  if (want == Shape::kAny) return true;
  if (want != Shape::kBool) return WrongType(node, "bool");
  request_.dry_run = b;
  return true;
}

bool ReviewReader::Null() {
  // An element that is null names no image, but a list that holds one is no list of ours.
  const bool element = !levels_.empty() && levels_.back().is_list;
  const Node node = NodeOfValue();
  if (element && node != Node::kIgnored) return WrongType(node, "null");
  return true;
}

bool ReviewReader::Other(std::string_view found) {
  const Node node = NodeOfValue();
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
    case Node::kContainerName:
    case Node::kVolumeName:
      return &draft_.name;
    case Node::kImage:
    case Node::kVolumeReference:
      return &draft_.reference;
    case Node::kPullPolicy:
    case Node::kVolumePullPolicy:
      return &draft_.pull_policy;
    default:
      return nullptr;
  }
}

bool ReviewReader::SetString(Node node, std::string_view text) {
  if (std::string* slot = SlotOf(node)) *slot = text;
  if (node == Node::kUid) uid_ = std::string(text);
  if (node == Node::kDeletionTimestamp) request_.being_deleted = true;
  if (node == Node::kMirror) request_.is_mirror_pod = true;
  if (node == Node::kImage || node == Node::kVolumeReference) draft_.has_image = true;
  return true;
}

bool ReviewReader::FinishDraft(UseKind kind, std::size_t index) {
  // Most volumes hold no image; a container without one is the API server's to refuse, and names
  // nothing to judge.
  if (!draft_.has_image) return true;
  std::vector<ImageUse>& uses = in_old_object_ ? old_uses_ : request_.uses;
  if (uses.size() >= kMaxImageUses)
    return Stop("more than " + std::to_string(kMaxImageUses) + " images in one object");
  uses.push_back({.kind = kind,
                  .name = std::move(draft_.name),
                  .field = FieldOf(kind, index),
                  .reference = std::move(draft_.reference),
                  .pull_policy = std::move(draft_.pull_policy),
                  .unchanged = false});
  return true;
}

bool ReviewReader::WrongType(Node node, std::string_view found) {
  return Stop("want " + std::string(ShapeName(ShapeOf(node))) + ", found " + std::string(found));
}

bool ReviewReader::Stop(std::string reason) {
  stop_reason_ = std::move(reason);
  return false;
}

Result<Request> ReviewReader::Finish() {
  if (review_kind_ != "AdmissionReview")
    return InvalidArgument("kind: want \"AdmissionReview\", found " + Quote(review_kind_));
  if (request_.api_version != "admission.k8s.io/v1") {
    return InvalidArgument("apiVersion: want \"admission.k8s.io/v1\", found " +
                           Quote(request_.api_version));
  }
  if (!has_request_) return InvalidArgument("request: missing");
  if (!uid_ || uid_->empty()) return InvalidArgument("request.uid: missing");
  const auto operation = ParseOperation(operation_);
  if (!operation)
    return InvalidArgument("request.operation: want CREATE, UPDATE, DELETE or CONNECT, found " +
                           Quote(operation_));
  if (request_.resource.empty()) return InvalidArgument("request.resource.resource: missing");
  const bool has_content = *operation == Operation::kCreate || *operation == Operation::kUpdate;
  if (has_content && !has_object_) return InvalidArgument("request.object: missing");
  request_.uid = *uid_;
  request_.operation = *operation;
  // Only something that exists can be on its way out; on CREATE the field is what a user wrote.
  if (*operation == Operation::kCreate) request_.being_deleted = false;
  if (*operation != Operation::kUpdate) return std::move(request_);
  for (auto& use : request_.uses) {
    use.unchanged = std::any_of(old_uses_.begin(), old_uses_.end(), [&use](const ImageUse& old) {
      return old.kind == use.kind && old.name == use.name && old.reference == use.reference &&
             old.pull_policy == use.pull_policy;
    });
  }
  return std::move(request_);
}

}  // namespace xzgate::admission
