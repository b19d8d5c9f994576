#include "tests/support/signing/require.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::testing {
namespace {

json::Object ToObject(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json::Object out;
  for (const auto& [name, value] : pairs) out.emplace_back(name, value);
  return out;
}

}  // namespace

std::string Statement(std::string_view digest, std::string_view predicate_type,
                      json::Value predicate,
                      const std::vector<std::pair<std::string, std::string>>& annotations) {
  const std::size_t colon = digest.find(':');
  Require(colon != digest.npos);
  json::Object subject = {
      {"digest", json::Object{{std::string(digest.substr(0, colon)), digest.substr(colon + 1)}}}};
  if (!annotations.empty()) subject.emplace_back("annotations", ToObject(annotations));
  return json::Encode(json::Object{{"_type", "https://in-toto.io/Statement/v1"},
                                   {"subject", json::Array{std::move(subject)}},
                                   {"predicateType", predicate_type},
                                   {"predicate", std::move(predicate)}});
}

std::string SimpleSigningPayload(
    std::string_view digest, std::string_view docker_reference,
    const std::vector<std::pair<std::string, std::string>>& annotations) {
  json::Value optional;  // cosign writes null without annotations
  if (!annotations.empty()) optional = ToObject(annotations);
  return json::Encode(json::Object{
      {"critical", json::Object{{"identity", json::Object{{"docker-reference", docker_reference}}},
                                {"image", json::Object{{"docker-manifest-digest", digest}}},
                                {"type", "cosign container image signature"}}},
      {"optional", std::move(optional)}});
}

std::string TestPae(std::string_view payload_type, std::string_view payload) {
  return "DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " +
         std::to_string(payload.size()) + " " + std::string(payload);
}

json::Value TestEnvelope(std::string_view payload_type, std::string_view payload,
                         std::string_view signature) {
  return json::Object{{"payload", Base64(payload)},
                      {"payloadType", payload_type},
                      {"signatures", json::Array{json::Object{{"sig", Base64(signature)}}}}};
}

}  // namespace xzgate::testing
