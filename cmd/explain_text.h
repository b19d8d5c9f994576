#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/manifest_file.h"
#include "webhook/policy/decision.h"

namespace xzgate::cmd {

// Stands for the host of an OCI layout, which has none: policies for every image cover it.
inline constexpr std::string_view kLayoutHost = "oci-layout.invalid";

// What `explain` found out about one object.
struct Explained {
  ManifestObject object;
  policy::Decision decision;
  admission::Response response;
  // By the field of a use, which entry of the policy each of its signature reports is about.
  std::map<std::string, std::vector<std::string>> entries = {};
};

// What `explain` prints for people: each step from reference to decision. Names from outside are
// escaped.
std::string ExplainText(const std::vector<Explained>& objects);

// What `explain --format json` prints: schema "xzgate.dev/explain/v1" (docs/detection.md).
std::string ExplainJson(const std::vector<Explained>& objects);

}  // namespace xzgate::cmd
