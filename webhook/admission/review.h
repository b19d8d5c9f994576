#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "webhook/admission/kind_table.h"
#include "webhook/admission/pod_facts.h"
#include "webhook/admission/use_kind.h"

namespace xzgate::admission {

enum class Operation : std::uint8_t { kCreate, kUpdate, kDelete, kConnect };
std::string_view ToString(Operation operation);  // "CREATE"

// One place in a Kubernetes object that names an image. A value.
struct ImageUse {
  UseKind kind = UseKind::kContainer;
  std::string name;   // of the container or volume
  std::string field;  // "spec.initContainers[0].image", "spec.template.spec.containers[0].image"
  std::string reference;    // as written, not yet parsed
  std::string pull_policy;  // "" when not given
  // On UPDATE: the same use (kind and name) stands in oldObject with the same reference and pull
  // policy. Judged uses are those that are not.
  bool unchanged = false;

  bool operator==(const ImageUse&) const = default;
};

// What we need of an AdmissionReview (admission.k8s.io/v1). A value.
struct Request {
  std::string uid;
  std::string api_version = "admission.k8s.io/v1";
  Operation operation = Operation::kCreate;
  std::string group, version, kind;  // of the object
  std::string resource;              // "pods"
  std::string subresource;           // "ephemeralcontainers", "" if none
  std::string name;                  // may be empty on CREATE with generateName
  std::string generate_name;         // metadata.generateName
  std::string namespace_name;        // request.namespace
  std::string user;                  // userInfo.username
  bool dry_run = false;
  bool being_deleted = false;  // the object has a deletionTimestamp
  bool is_mirror_pod = false;  // annotation kubernetes.io/config.mirror (kubernetes.md 1.8)
  // Whether it is known where objects of this kind hold their pods (KindTable); false: nothing in
  // it was looked at.
  bool is_known_kind = true;
  // The uses are of a pod template: its pods come to us too, when they are made.
  bool is_template = false;
  // An UPDATE that lowers spec.replicas, brings no new image and leaves PodFacts as they were.
  bool is_scale_down = false;
  std::vector<ImageUse> uses;      // of `object`, in field order
  std::vector<PodFacts> pods;      // of `object`: one, unless its kind holds several templates
  std::vector<PodFacts> old_pods;  // of `oldObject`

  // "pods/shop/api-7d9f", "pods/shop/api-*" for a generated name.
  std::string Workload() const;
};

// A review that could not be read. Where a uid was readable the answer is still a well-formed
// AdmissionReview with a chosen decision (kubernetes.md 1.4: an HTTP error is never a denial).
struct Malformed {
  std::optional<std::string> uid;
  std::string api_version = "admission.k8s.io/v1";
  Error error;
};

inline constexpr std::size_t kMaxReviewBytes =
    7 * 1024 * 1024;  // controller-runtime reads as much (kubernetes.md 1.4)
inline constexpr std::size_t kMaxReviewDepth = 64;   // hardening.md section 6
inline constexpr std::size_t kMaxImageUses = 512;    // a pod, hardening.md 8.5
inline constexpr std::size_t kMaxPodTemplates = 64;  // in one object
// Of one container; Linux has 41.
inline constexpr std::size_t kMaxCapabilities = 64;
inline constexpr std::size_t kMaxPullSecrets = 64;  // further ones are left out

// Reads a review without building a tree, in one pass where the kind stands before the object, as
// the API server writes it. Of `kinds` nothing is kept. Never throws.
std::expected<Request, Malformed> ParseReview(std::string_view body,
                                              const KindTable& kinds = KindTable::BuiltIn());

// The answer. A value.
struct Response {
  std::string uid;
  std::string api_version = "admission.k8s.io/v1";
  bool allowed = true;
  int code = 403;       // status.code of a denial
  std::string message;  // status.message of a denial
  std::vector<std::string>
      warnings;  // no "Warning:" prefix; each cut to 256 runes, 4096 in all (kubernetes.md 1.3)
  std::vector<std::pair<std::string, std::string>> audit_annotations;  // keys without '/'
};

// The AdmissionReview to send, with the API server's limits applied.
std::string EncodeResponse(const Response& response);

}  // namespace xzgate::admission
