#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "webhook/admission/use_kind.h"

namespace xzgate::admission {

// Where Kubernetes' own kinds hold pods: the path from the object to the pod template in it, "" for
// the Pod itself. A further kind is a further row.
struct KindRow {
  std::string_view group, kind, path;
};
std::span<const KindRow> BuiltInKinds();

// The parts of an AdmissionReview that we read; everything else is kIgnored. One table of keys
// leads from node to node, and a path of kinds (kind_table.h) from the object to kPodSpec, so every
// handler knows the same image paths (kyverno#16275 was one walker among several that lacked a
// row).
enum class Node : std::uint8_t {
  kIgnored,
  kReview,
  kRequest,
  kKindRef,
  kResourceRef,
  kUserInfo,
  kObject,
  kOldObject,
  kMetadata,
  kAnnotations,
  kOnPath,    // on the way to a pod template, or the template
  kTemplate,  // only as where rows start: an object or kOnPath is at it
  kPodSpec,
  kSecurityContext,  // of a container
  kCapabilities,
  kHostPath,
  // lists, and what their elements are
  kPathList,
  kPullSecrets,
  kAddedCapabilities,
  kContainers,
  kInitContainers,
  kEphemeralContainers,
  kVolumes,
  kContainer,
  kVolume,
  kVolumeImage,
  kPullSecret,
  // strings
  kApiVersion,
  kReviewKind,
  kUid,
  kGroup,
  kVersion,
  kKind,
  kResource,
  kSubresource,
  kName,
  kNamespace,
  kOperation,
  kUser,
  kGenerateName,
  kDeletionTimestamp,
  kMirror,
  kContainerName,
  kImage,
  kPullPolicy,
  kVolumeName,
  kVolumeReference,
  kVolumePullPolicy,
  kPullSecretName,
  kServiceAccount,
  kAddedCapability,
  kHostPathPath,
  // booleans
  kDryRun,
  kHostNetwork,
  kHostPid,
  kHostIpc,
  kPrivileged,
  kReadOnlyRoot,
  // numbers, of any shape: kinds that are not ours may mean something else by the key
  kReplicas,
};

enum class Shape : std::uint8_t { kAny, kObject, kList, kString, kBool };

// The node that `key` leads to from `from`.
Node Follow(Node from, std::string_view key);
// The keys that lead anywhere from it.
std::vector<std::string_view> KeysOf(Node from);
// What an element of a list is.
Node ElementOf(Node list);
// What a value at this node has to be (null counts as absent everywhere).
Shape ShapeOf(Node node);
// The kind of image use that elements of this list are; absent for what holds none.
std::optional<UseKind> UseKindOf(Node list);

}  // namespace xzgate::admission
