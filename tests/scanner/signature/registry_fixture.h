#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/json/value.h"
#include "scanner/signature/candidates.h"
#include "tests/scanner/signature/verifier_fixture.h"
#include "tests/support/fake_image_source.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::signature {

inline const std::string kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline const std::string kSlsa = "https://slsa.dev/provenance/v1";
inline const std::string kVuln = "https://cosign.sigstore.dev/attestation/vuln/v1";

// A registry in memory with what signs one image in it, pushed as cosign does.
class RegistryFixture : public ::testing::Test {
 protected:
  using Annotations = std::vector<std::pair<std::string, std::string>>;

  static json::Value ToJson(const Annotations& annotations) {
    json::Object object;
    for (const auto& [key, value] : annotations) object.emplace_back(key, value);
    return object;
  }
  static json::Object Entry(const oci::Descriptor& blob) {
    return {{"mediaType", blob.media_type},
            {"digest", blob.digest.ToString()},
            {"size", blob.size},
            {"annotations", ToJson(blob.annotations)}};
  }
  oci::Descriptor PutDocument(const std::string_view type, const json::Value& document) {
    return source_.Put(std::string(type), json::Encode(document));
  }
  // A manifest of these layers; `artifact_type` empty: none.
  oci::Descriptor PutManifest(const std::vector<oci::Descriptor>& layers,
                              const std::string& artifact_type = {}) {
    json::Array list;
    for (const oci::Descriptor& layer : layers) list.emplace_back(Entry(layer));
    json::Object manifest{{"schemaVersion", 2},
                          {"mediaType", oci::kOciManifest},
                          {"config", Entry(source_.Put("application/vnd.oci.empty.v1+json", "{}"))},
                          {"layers", std::move(list)}};
    if (!artifact_type.empty()) manifest.emplace_back("artifactType", artifact_type);
    return PutDocument(oci::kOciManifest, manifest);
  }
  oci::Descriptor PutIndex(const std::vector<oci::Descriptor>& manifests) {
    json::Array list;
    for (const oci::Descriptor& manifest : manifests) {
      json::Object entry = Entry(manifest);
      if (manifest.platform) {
        entry.emplace_back("platform",
                           json::Object{{"os", manifest.platform->os}, {"architecture", "amd64"}});
      }
      list.emplace_back(std::move(entry));
    }
    return PutDocument(oci::kOciIndex, json::Object{{"schemaVersion", 2},
                                                    {"mediaType", oci::kOciIndex},
                                                    {"manifests", std::move(list)}});
  }
  oci::Descriptor PutLayer(const testing::LegacyLayer& layer) {
    oci::Descriptor blob = source_.Put(layer.media_type, layer.blob);
    blob.annotations = layer.annotations;
    return blob;
  }
  // A bundle's manifest, not yet found by anybody. Its annotations stand in the lists that name it.
  oci::Descriptor PutBundle(const json::Value& bundle, const std::string& hint = {},
                            const std::string& created = {}) {
    oci::Descriptor manifest =
        PutManifest({source_.Put(kBundleType, json::Encode(bundle))}, kBundleType);
    manifest.artifact_type = kBundleType;
    if (!hint.empty()) manifest.annotations.emplace_back("dev.sigstore.bundle.predicateType", hint);
    if (!created.empty())
      manifest.annotations.emplace_back("org.opencontainers.image.created", created);
    return manifest;
  }
  // Different bundles that are no signatures.
  oci::Descriptor PutJunk(std::size_t number, const std::string& hint = {}) {
    return PutBundle(json::Object{{"junk", std::to_string(number)}}, hint);
  }

  static std::string TagOf(const oci::Digest& digest, const std::string& suffix) {
    return "reg.example/shop/api:sha256-" + digest.hex() + suffix;
  }
  void TagSig(const oci::Descriptor& manifest, const oci::Digest& of = kImage) {
    source_.Tag(TagOf(of, ".sig"), manifest.digest);
  }
  void TagAtt(const oci::Descriptor& manifest, const oci::Digest& of = kImage) {
    source_.Tag(TagOf(of, ".att"), manifest.digest);
  }
  void TagFallback(const oci::Descriptor& index, const oci::Digest& of = kImage) {
    source_.Tag(TagOf(of, ""), index.digest);
  }
  void Refer(const oci::Descriptor& manifest, const oci::Digest& of = kImage) {
    source_.Refer({repository_, of}, manifest);
  }

  // Signatures by Key(number), over any image.
  static json::Value Bundle(std::size_t number = 0, const oci::Digest& of = kImage) {
    return Sigstore().ImageBundle(of.ToString(), KeyWish(Key(number)));
  }
  static json::Value Attestation(const std::string& type, std::size_t number = 0) {
    return Sigstore().DsseBundle(testing::Statement(kImage.ToString(), type), KeyWish(Key(number)));
  }
  static testing::LegacyLayer SimpleSigning(std::size_t number = 0,
                                            const oci::Digest& of = kImage) {
    return Sigstore().SimpleSigning(of.ToString(), KeyWish(Key(number)));
  }
  static testing::LegacyLayer AttLayer(const std::string& type) {
    auto layer =
        Sigstore().Attestation(testing::Statement(kImage.ToString(), type), KeyWish(Key()));
    layer.annotations.emplace_back("predicateType", type);
    return layer;
  }

  const oci::Repository repository_{.host = "reg.example", .path = "shop/api"};
  testing::FakeImageSource source_;
};

}  // namespace xzgate::signature
