#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/scanner/signature/verifier_fixture.h"
#include "tests/scanner/worker/worker_case.h"

namespace xzgate::worker {

// Images that must be signed by "release-key", and a registry that holds the signatures.
class SignatureCase : public WorkerCase {
 protected:
  SignatureCase() { Require("release-key"); }

  // What the policies ask from now on.
  void Require(const std::string& policy) {
    wanted_ = Sealed(policy);
    requirements_.Set({wanted_});
  }
  static signature::SealedRequirement Sealed(const std::string& policy, std::size_t key = 0) {
    signature::Requirement requirement;
    requirement.name = policy;
    requirement.authorities.push_back(std::make_shared<const signature::Authority>(
        signature::ByKey(signature::Key(key), {}, policy)));
    requirement.signatures = signature::Group{.at_least = 1, .authorities = {policy}, .groups = {}};
    return signature::Seal(std::move(requirement));
  }
  // Pushes a signature by a key.
  void Sign(const oci::Descriptor& image, std::size_t key = 0) {
    const std::string bundle = json::Encode(signature::Sigstore().ImageBundle(
        image.digest.ToString(), signature::KeyWish(signature::Key(key))));
    const std::string type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const auto config = source_.Put("application/vnd.oci.empty.v1+json", "{}");
    auto manifest =
        source_.Put(std::string(oci::kOciManifest),
                    R"({"schemaVersion":2,"mediaType":")" + std::string(oci::kOciManifest) +
                        R"(","artifactType":")" + type + R"(","config":)" + DescriptorJson(config) +
                        R"(,"layers":[)" + DescriptorJson(source_.Put(type, bundle)) + "]}");
    manifest.artifact_type = type;
    source_.Refer(Pinned(image), manifest);
  }

  std::optional<SignatureTrouble> Check(const oci::Descriptor& image) {
    return signatures_.Check(Pinned(image), {});
  }
  std::optional<signature::Report> Stored(const oci::Descriptor& image) {
    return *store_->FindSignatures(Pinned(image), wanted_.fingerprint);
  }
  std::optional<signature::Outcome> Outcome(const oci::Descriptor& image) {
    const auto report = Stored(image);
    return report ? std::optional(report->outcome()) : std::nullopt;
  }
  // Runs the one job that is there.
  void Run() { EXPECT_TRUE(*Runner().RunOne("w", {})); }

  signature::SealedRequirement wanted_;
};

}  // namespace xzgate::worker
