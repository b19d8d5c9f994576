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

// Reads the Pods and pod templates (Deployment, Job, CronJob, any kind with spec.template.spec) of
// a YAML or JSON text. Objects without a pod are left out. Errors: kInvalidArgument with every
// problem; a text without any pod.
Result<std::vector<ManifestObject>> ReadManifest(std::string_view text, std::string_view file,
                                                 std::string_view default_namespace);

}  // namespace xzgate::cmd
