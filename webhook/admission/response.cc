#include <algorithm>

#include "base/json/value.h"
#include "base/text.h"
#include "webhook/admission/review.h"

namespace xzgate::admission {
namespace {

// apiserver pkg/endpoints/filters/warning.go: 256 runes each once 4096 in all are passed
// (kubernetes.md 1.3). Bytes are the stricter count.
constexpr std::size_t kMaxWarningBytes = 256;
constexpr std::size_t kMaxWarningsBytes = 4096;
// Written into a ReplicaSet's event, whose note ends at 1024 (kubernetes.md 1.2).
constexpr std::size_t kMaxMessageBytes = 1000;
constexpr std::size_t kMaxAnnotationBytes = 1024;

json::Array Warnings(const std::vector<std::string>& warnings) {
  json::Array out;
  std::size_t total = 0;
  for (const auto& warning : warnings) {
    std::string text = Truncate(warning, kMaxWarningBytes);
    total += text.size();
    if (total > kMaxWarningsBytes) break;
    out.emplace_back(std::move(text));
  }
  return out;
}

}  // namespace

std::string EncodeResponse(const Response& response) {
  json::Object answer{{"uid", response.uid}, {"allowed", response.allowed}};
  if (!response.allowed) {
    answer.emplace_back("status",
                        json::Object{{"status", "Failure"},
                                     {"message", Truncate(response.message, kMaxMessageBytes)},
                                     {"reason", "Forbidden"},
                                     {"code", response.code}});
  }
  if (json::Array warnings = Warnings(response.warnings); !warnings.empty())
    answer.emplace_back("warnings", std::move(warnings));
  if (!response.audit_annotations.empty()) {
    json::Object annotations;
    for (const auto& [key, value] : response.audit_annotations)
      annotations.emplace_back(key, Truncate(value, kMaxAnnotationBytes));
    answer.emplace_back("auditAnnotations", std::move(annotations));
  }
  return json::Encode(json::Object{{"apiVersion", response.api_version},
                                   {"kind", "AdmissionReview"},
                                   {"response", std::move(answer)}});
}

}  // namespace xzgate::admission
