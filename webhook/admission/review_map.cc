#include "webhook/admission/review_map.h"

#include <array>

namespace xzgate::admission {
namespace {

// kubernetes/api core/v1, apps/v1 and batch/v1 types.go: every kind with a PodTemplateSpec, and
// Pod. tests/e2e/test_openapi.py compares them with what an API server says.
constexpr std::array kKinds = {
    KindRow{"", "Pod", ""},
    KindRow{"", "PodTemplate", "template"},
    KindRow{"", "ReplicationController", "spec.template"},
    KindRow{"apps", "DaemonSet", "spec.template"},
    KindRow{"apps", "Deployment", "spec.template"},
    KindRow{"apps", "ReplicaSet", "spec.template"},
    KindRow{"apps", "StatefulSet", "spec.template"},
    KindRow{"batch", "CronJob", "spec.jobTemplate.spec.template"},
    KindRow{"batch", "Job", "spec.template"},
};

struct Edge {
  Node from;
  std::string_view key;
  Node to;
};

// kubernetes/api admission/v1 types.go (the review) and core/v1 types.go (PodSpec, Volume,
// ImageVolumeSource).
constexpr std::array kEdges = {
    Edge{Node::kReview, "apiVersion", Node::kApiVersion},
    Edge{Node::kReview, "kind", Node::kReviewKind},
    Edge{Node::kReview, "request", Node::kRequest},
    Edge{Node::kRequest, "uid", Node::kUid},
    Edge{Node::kRequest, "kind", Node::kKindRef},
    Edge{Node::kRequest, "resource", Node::kResourceRef},
    Edge{Node::kRequest, "subResource", Node::kSubresource},
    Edge{Node::kRequest, "name", Node::kName},
    Edge{Node::kRequest, "namespace", Node::kNamespace},
    Edge{Node::kRequest, "operation", Node::kOperation},
    Edge{Node::kRequest, "userInfo", Node::kUserInfo},
    Edge{Node::kRequest, "object", Node::kObject},
    Edge{Node::kRequest, "oldObject", Node::kOldObject},
    Edge{Node::kRequest, "dryRun", Node::kDryRun},
    Edge{Node::kKindRef, "group", Node::kGroup},
    Edge{Node::kKindRef, "version", Node::kVersion},
    Edge{Node::kKindRef, "kind", Node::kKind},
    Edge{Node::kResourceRef, "resource", Node::kResource},
    Edge{Node::kUserInfo, "username", Node::kUser},
    Edge{Node::kObject, "metadata", Node::kMetadata},
    Edge{Node::kMetadata, "generateName", Node::kGenerateName},
    Edge{Node::kMetadata, "deletionTimestamp", Node::kDeletionTimestamp},
    Edge{Node::kMetadata, "annotations", Node::kAnnotations},
    Edge{Node::kAnnotations, "kubernetes.io/config.mirror", Node::kMirror},
    Edge{Node::kTemplate, "spec", Node::kPodSpec},
    Edge{Node::kPodSpec, "containers", Node::kContainers},
    Edge{Node::kPodSpec, "initContainers", Node::kInitContainers},
    Edge{Node::kPodSpec, "ephemeralContainers", Node::kEphemeralContainers},
    Edge{Node::kPodSpec, "volumes", Node::kVolumes},
    Edge{Node::kPodSpec, "imagePullSecrets", Node::kPullSecrets},
    Edge{Node::kPodSpec, "serviceAccountName", Node::kServiceAccount},
    Edge{Node::kPodSpec, "hostNetwork", Node::kHostNetwork},
    Edge{Node::kPodSpec, "hostPID", Node::kHostPid},
    Edge{Node::kPodSpec, "hostIPC", Node::kHostIpc},
    Edge{Node::kPullSecret, "name", Node::kPullSecretName},
    Edge{Node::kContainer, "name", Node::kContainerName},
    Edge{Node::kContainer, "image", Node::kImage},
    Edge{Node::kContainer, "imagePullPolicy", Node::kPullPolicy},
    Edge{Node::kContainer, "securityContext", Node::kSecurityContext},
    Edge{Node::kSecurityContext, "privileged", Node::kPrivileged},
    Edge{Node::kSecurityContext, "readOnlyRootFilesystem", Node::kReadOnlyRoot},
    Edge{Node::kSecurityContext, "capabilities", Node::kCapabilities},
    Edge{Node::kCapabilities, "add", Node::kAddedCapabilities},
    Edge{Node::kVolume, "name", Node::kVolumeName},
    Edge{Node::kVolume, "image", Node::kVolumeImage},
    Edge{Node::kVolume, "hostPath", Node::kHostPath},
    Edge{Node::kHostPath, "path", Node::kHostPathPath},
    Edge{Node::kVolumeImage, "reference", Node::kVolumeReference},
    Edge{Node::kVolumeImage, "pullPolicy", Node::kVolumePullPolicy},
};

}  // namespace

std::span<const KindRow> BuiltInKinds() {
  return kKinds;
}

Node Follow(Node from, std::string_view key) {
  if (from == Node::kIgnored) return Node::kIgnored;
  for (const auto& edge : kEdges) {
    if (edge.from == from && edge.key == key) return edge.to;
  }
  return Node::kIgnored;
}

std::vector<std::string_view> KeysOf(Node from) {
  std::vector<std::string_view> keys;
  for (const auto& edge : kEdges) {
    if (edge.from == from) keys.push_back(edge.key);
  }
  return keys;
}

Node ElementOf(Node list) {
  switch (list) {
    case Node::kContainers:
    case Node::kInitContainers:
    case Node::kEphemeralContainers:
      return Node::kContainer;
    case Node::kVolumes:
      return Node::kVolume;
    case Node::kPathList:
      return Node::kOnPath;
    case Node::kPullSecrets:
      return Node::kPullSecret;
    case Node::kAddedCapabilities:
      return Node::kAddedCapability;
    default:
      return Node::kIgnored;
  }
}

Shape ShapeOf(Node node) {
  if (node == Node::kIgnored || node == Node::kReplicas) return Shape::kAny;
  if (node >= Node::kDryRun) return Shape::kBool;
  if (ElementOf(node) != Node::kIgnored) return Shape::kList;
  return node >= Node::kApiVersion ? Shape::kString : Shape::kObject;
}

std::optional<UseKind> UseKindOf(Node list) {
  switch (list) {
    case Node::kContainers:
      return UseKind::kContainer;
    case Node::kInitContainers:
      return UseKind::kInitContainer;
    case Node::kEphemeralContainers:
      return UseKind::kEphemeralContainer;
    case Node::kVolumes:
      return UseKind::kImageVolume;
    default:
      return std::nullopt;
  }
}

}  // namespace xzgate::admission
