// A document that parses says the same again when it is written anew, and nothing when its digest
// is in upper case. The same bytes go through the readers of a layer's annotations.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json/value.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/simple_signing.h"

namespace {

using namespace xzgate;
using namespace xzgate::signature;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Encode(const SimpleSigning& document) {
  json::Object optional;
  for (const auto& [name, value] : document.annotations) optional.emplace_back(name, value);
  return json::Encode(json::Object{
      {"critical",
       json::Object{{"identity", json::Object{{"docker-reference", document.docker_reference}}},
                    {"image", json::Object{{"docker-manifest-digest", document.digest.ToString()}}},
                    {"type", "cosign container image signature"}}},
      {"optional", std::move(optional)}});
}

void CheckDocument(const std::string& text) {
  const auto document = ParseSimpleSigning(text);
  if (!document) return;
  const auto again = ParseSimpleSigning(Encode(*document));
  Require(again && again->digest == document->digest);
  Require(again->docker_reference == document->docker_reference);
  Require(again->annotations == document->annotations);
  Require(!ParseSimpleSigning(text + "0").has_value());
}

// A layer that is good but for one annotation, which these bytes are.
Result<Material> ReadWith(std::string_view name, const std::string& text) {
  return ReadLegacyLayer(
      oci::Descriptor{.media_type = std::string(kSimpleSigningType),
                      .digest = oci::Digest::Of(AsBytes(std::string_view("{}"))),
                      .size = 2,
                      .annotations = {{"dev.cosignproject.cosign/signature", "MAA="},
                                      {std::string(name), text}}},
      "{}");
}

void CheckAnnotations(const std::string& text) {
  if (const auto logged = ReadWith("dev.sigstore.cosign/bundle", text); logged && !text.empty()) {
    Require(logged->entries.size() == 1);
    const LogEntry& entry = logged->entries.front();
    Require(!entry.signed_entry_timestamp.empty() && !entry.body.empty());
    Require(entry.log_id.size() == 32 && entry.index <= INT64_MAX && !entry.proof);
    Require(entry.integrated_time && *entry.integrated_time >= 0);
  }
  if (const auto stamped = ReadWith("dev.sigstore.cosign/rfc3161timestamp", text);
      stamped && !text.empty()) {
    Require(stamped->timestamps.size() == 1 && !stamped->timestamps.front().empty());
    Require(stamped->timestamped() == stamped->signature());
  }
  if (const auto certified = ReadWith("dev.sigstore.cosign/certificate", text)) {
    Require(certified->certificate.has_value() == !text.empty());
  }
  if (const auto chained = ReadWith("dev.sigstore.cosign/chain", text)) {
    Require(chained->intermediates.size() <= kMaxChain);
    for (const auto& one : chained->intermediates) Require(!one.IsSelfIssued());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  CheckDocument(text);
  CheckAnnotations(text);
  return 0;
}
