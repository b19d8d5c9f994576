#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "scanner/oci/manifest.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/simple_signing.h"
#include "scanner/signature/verifier.h"
#include "tests/support/signing/test_sigstore.h"

namespace xzgate::signature {

// What the tests of the verifier and of requirements share: an image, and who may vouch for it.
inline const oci::Digest kImage = oci::Digest::Of(AsBytes(std::string_view("an image")));
inline const oci::Digest kOtherImage = oci::Digest::Of(AsBytes(std::string_view("another image")));

inline const testing::TestSigstore& Sigstore() {
  return testing::TestSigstore::Default();
}

inline std::shared_ptr<const TrustedRoot> RootOf(const std::string& text) {
  auto root = TrustedRoot::Parse(text, "test root");
  if (!root) ADD_FAILURE() << root.error().ToString();
  return root ? std::make_shared<const TrustedRoot>(std::move(*root)) : nullptr;
}

inline std::shared_ptr<const TrustedRoot> TestRoot() {
  static const auto root = RootOf(Sigstore().TrustedRoot());
  return root;
}

inline IdentityRule Identity(const std::string& subject, const std::string& issuer) {
  return {.subject = *TextMatcher::Exact(subject),
          .issuer = *TextMatcher::Exact(issuer),
          .extensions = {}};
}

inline Authority Keyless(KeylessAuthority kind = {}, std::string name = "ci") {
  if (kind.identities.empty())
    kind.identities = {Identity(testing::kTestSubject, testing::kTestIssuer)};
  return {
      .name = std::move(name), .kind = std::move(kind), .roots = {TestRoot()}, .annotations = {}};
}

inline Authority ByKey(const testing::TestKey& key, KeyAuthority kind = {},
                       std::string name = "release-key") {
  kind.keys = {*crypto::PublicKey::FromPem(key.PublicPem())};
  return {
      .name = std::move(name), .kind = std::move(kind), .roots = {TestRoot()}, .annotations = {}};
}

inline const testing::TestKey& Key(std::size_t number = 0,
                                   testing::KeyType type = testing::KeyType::kP256) {
  return testing::TestKey::Shared(type, number);
}

// A signature by a key alone: neither certificate, log nor timestamp.
inline testing::SigningWish KeyWish(const testing::TestKey& key) {
  return {.key = key, .tlog = testing::SigningWish::Tlog::kNone, .timestamp = false};
}

inline Material FromBundle(const json::Value& bundle) {
  auto material = ParseBundle(json::Encode(bundle));
  if (!material) ADD_FAILURE() << material.error().ToString();
  return material ? std::move(*material) : Material{};
}

inline Material FromLayer(const testing::LegacyLayer& layer) {
  const oci::Descriptor descriptor{.media_type = layer.media_type,
                                   .digest = oci::Digest::Of(AsBytes(layer.blob)),
                                   .size = layer.blob.size(),
                                   .annotations = layer.annotations};
  auto material = ReadLegacyLayer(descriptor, layer.blob);
  if (!material) ADD_FAILURE() << material.error().ToString();
  return material ? std::move(*material) : Material{};
}

inline Attempt Try(const Material& material, const Authority& authority,
                   WallTime now = testing::kNow) {
  return SignatureVerifier().Verify(material, authority, kImage, now);
}

// The steps in words, for a test that failed.
inline std::string Steps(const Attempt& attempt) {
  std::string text(Code(attempt.reason));
  for (const Step& step : attempt.steps)
    text += "\n  " + step.name + (step.held ? " ok: " : " FAILED: ") + step.detail;
  return text;
}

}  // namespace xzgate::signature
