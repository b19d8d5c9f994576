#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "webhook/admission/review.h"

namespace xzgate::cmd {

// A Kubernetes object of a manifest file as the API server would send it for CREATE.
struct ManifestObject {
  std::string
      title;  // "Deployment shop/api", and where it came from its template: "(pod template)"
  admission::Request request;
};

// What a manifest file holds. A value.
struct Manifest {
  std::vector<ManifestObject> objects;
  std::vector<std::string> skipped;  // "x.yaml:12:1: Service "api": no pod in it, skipped"
};

inline constexpr std::size_t kMaxManifestObjects = 10'000;
inline constexpr int kMaxListDepth = 4;  // of lists in lists

// Reads the Pods and pod templates (Deployment, Job, CronJob, PodTemplate, any kind with
// spec.template.spec) of a YAML or JSON text, and of the lists in it (List, PodList). Errors:
// kInvalidArgument with every problem; a text without any pod.
Result<Manifest> ReadManifest(std::string_view text, std::string_view file,
                              std::string_view default_namespace);

}  // namespace xzgate::cmd
