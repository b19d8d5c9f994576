#include "tests/support/signing/test_entry.h"

#include "tests/support/signing/test_json.h"

namespace xzgate::testing {
namespace {

// Keys stand in the sorted order of a canonical document.
json::Value Body(std::string_view version, std::string_view kind, json::Value spec) {
  return json::Object{{"apiVersion", version}, {"kind", kind}, {"spec", std::move(spec)}};
}

json::Value HashOf(crypto::Algorithm algorithm, std::string_view hex) {
  return json::Object{{"algorithm", crypto::ToString(algorithm)}, {"value", hex}};
}

json::Value Sha256Of(std::string_view bytes) {
  constexpr auto kSha256 = crypto::Algorithm::kSha256;
  return HashOf(kSha256, crypto::HashHex(kSha256, AsBytes(bytes)));
}

// Rekor v2 names hashes as protobuf-specs does.
std::string_view ProtoName(crypto::Algorithm algorithm) {
  switch (algorithm) {
    case crypto::Algorithm::kSha384:
      return "SHA2_384";
    case crypto::Algorithm::kSha512:
      return "SHA2_512";
    default:
      return "SHA2_256";
  }
}

}  // namespace

std::string EntryContent::VerifierPem() const {
  return PemBlock(is_certificate ? "CERTIFICATE" : "PUBLIC KEY", verifier);
}

json::Value HashedRekordV1(const EntryContent& content) {
  const std::string hex = crypto::HexEncode(AsBytes(content.digest));
  return Body(
      "0.0.1", "hashedrekord",
      json::Object{
          {"data", json::Object{{"hash", HashOf(content.algorithm, hex)}}},
          {"signature",
           json::Object{{"content", Base64(content.signature)},
                        {"publicKey", json::Object{{"content", Base64(content.VerifierPem())}}}}}});
}

json::Value DsseV1(const EntryContent& content) {
  return Body("0.0.1", "dsse",
              json::Object{{"envelopeHash", Sha256Of(content.envelope)},
                           {"payloadHash", Sha256Of(content.payload)},
                           {"signatures", json::Array{json::Object{
                                              {"signature", Base64(content.signature)},
                                              {"verifier", Base64(content.VerifierPem())},
                                          }}}});
}

json::Value IntotoV2(const EntryContent& content) {
  const json::Value signature = json::Object{{"publicKey", Base64(content.VerifierPem())},
                                             {"sig", Base64(Base64(content.signature))}};
  return Body("0.0.2", "intoto",
              json::Object{{"content",
                            json::Object{
                                {"envelope", json::Object{{"payloadType", content.payload_type},
                                                          {"signatures", json::Array{signature}}}},
                                {"hash", Sha256Of(content.envelope)},
                                {"payloadHash", Sha256Of(content.payload)},
                            }}});
}

json::Value HashedRekordV2(const EntryContent& content) {
  const std::string_view kind = content.is_certificate ? "x509Certificate" : "publicKey";
  const json::Value verifier =
      json::Object{{"keyDetails", content.key_details},
                   {std::string(kind), json::Object{{"rawBytes", Base64(content.verifier)}}}};
  return Body(
      "0.0.2", "hashedrekord",
      json::Object{{"hashedRekordV002",
                    json::Object{{"data", json::Object{{"algorithm", ProtoName(content.algorithm)},
                                                       {"digest", Base64(content.digest)}}},
                                 {"signature", json::Object{{"content", Base64(content.signature)},
                                                            {"verifier", verifier}}}}}});
}

}  // namespace xzgate::testing
