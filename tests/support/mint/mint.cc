#include "tests/support/mint/mint.h"

#include <utility>

#include "base/json/reader.h"
#include "tests/support/signing/require.h"

namespace xzgate::testing {
namespace {

json::Value ToJson(const std::vector<LegacyLayer>& layers) {
  json::Array out;
  for (const LegacyLayer& layer : layers) {
    json::Object annotations;
    for (const auto& [name, value] : layer.annotations) annotations.emplace_back(name, value);
    out.emplace_back(json::Object{{"mediaType", layer.media_type},
                                  {"blob", Base64(layer.blob)},
                                  {"annotations", std::move(annotations)}});
  }
  return out;
}

json::Value ToJson(const Evidence& evidence) {
  json::Array bundles;
  for (const std::string& bundle : evidence.bundles) bundles.emplace_back(bundle);
  return json::Object{{"bundles", std::move(bundles)},
                      {"sig", ToJson(evidence.signature_layers)},
                      {"att", ToJson(evidence.attestation_layers)}};
}

json::Value ToJson(const std::map<std::string, std::string>& texts) {
  json::Object out;
  for (const auto& [name, text] : texts) out.emplace_back(name, text);
  return out;
}

}  // namespace

Mint::Mint(std::string image, std::string other)
    : image_(std::move(image)), other_(std::move(other)) {
  PutRoot("sigstore", TestSigstore::Default().Root().ToJson());
}

json::Value Mint::Sign(const SigningWish& wish) const {
  return TestSigstore::Default().ImageBundle(image_, wish);
}

void Mint::Put(std::string_view family, std::string_view row, Evidence evidence) {
  rows_[std::string(family)][std::string(row)] = std::move(evidence);
}

void Mint::PutBundle(std::string_view family, std::string_view row, const json::Value& bundle) {
  Put(family, row, {.bundles = {Text(bundle)}});
}

void Mint::PutRoot(std::string_view name, const json::Value& root) {
  roots_[std::string(name)] = Text(root);
}

void Mint::PutMistake(std::string_view name, const json::Value& root) {
  mistakes_[std::string(name)] = Text(root);
}

void Mint::PutPem(std::string_view name, const std::string& pem) {
  pems_[std::string(name)] = pem;
}

json::Value Mint::ToJson() const {
  json::Object families;
  for (const auto& [family, rows] : rows_) {
    json::Object made;
    for (const auto& [row, evidence] : rows) made.emplace_back(row, testing::ToJson(evidence));
    families.emplace_back(family, std::move(made));
  }
  return json::Object{{"rows", std::move(families)},
                      {"roots", testing::ToJson(roots_)},
                      {"mistakes", testing::ToJson(mistakes_)},
                      {"pems", testing::ToJson(pems_)}};
}

TestSigstore SigstoreOf(const TestAuthority& fulcio) {
  TestSigstore sigstore = TestSigstore::Default();
  sigstore.fulcio = fulcio;
  return sigstore;
}

json::Value BodyIn(const json::Value& bundle) {
  const auto body =
      crypto::Base64Decode(TextAt(bundle, std::string(kEntryPath) + ".canonicalizedBody"));
  Require(body.has_value());
  return Parsed(*body);
}

json::Value Parsed(std::string_view text) {
  auto document = json::Parse(text, {}, "minted document");
  Require(document.has_value());
  return *std::move(document);
}

IssueWish GoodLeaf() {
  return {.names = {{AlternativeName::Kind::kUri, kTestSubject}},
          .extensions = {FulcioExtension(1, kTestIssuer), FulcioExtension(8, kTestIssuer)}};
}

}  // namespace xzgate::testing
