#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "webhook/admission/review.h"

namespace xzgate::admission {

// The parts of an AdmissionReview that we read; everything else is kIgnored. One table of keys
// leads from node to node, so a further workload kind is a few more rows, and every handler knows
// the same image paths (kyverno#16275 was one walker among several that lacked a row).
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
  kSpec,
  // lists, and what their elements are
  kContainers,
  kInitContainers,
  kEphemeralContainers,
  kVolumes,
  kContainer,
  kVolume,
  kVolumeImage,
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
  // booleans
  kDryRun,
};

enum class Shape : std::uint8_t { kAny, kObject, kList, kString, kBool };

// The node that `key` leads to from `from`.
Node Follow(Node from, std::string_view key);
// What an element of a list is.
Node ElementOf(Node list);
// What a value at this node has to be (null counts as absent everywhere).
Shape ShapeOf(Node node);
// The kind of image use that elements of this list are; absent for what holds none.
std::optional<UseKind> UseKindOf(Node list);

}  // namespace xzgate::admission
