#include "tests/support/signing/test_root.h"

#include "base/clock.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::testing {
namespace {

json::Value ToJson(const ValidFor& valid) {
  json::Object out;
  if (valid.start) out.emplace_back("start", ToRfc3339(*valid.start));
  if (valid.end) out.emplace_back("end", ToRfc3339(*valid.end));
  return out;
}

}  // namespace

json::Value LogEntryOfRoot(const std::string& host, const TestKey& key, const std::string& id,
                           const ValidFor& valid, const std::string& checkpoint_id) {
  json::Object out = {{"baseUrl", "https://" + host},
                      {"hashAlgorithm", "SHA2_256"},
                      {"publicKey", json::Object{{"rawBytes", Base64(key.Spki())},
                                                 {"keyDetails", key.Details()},
                                                 {"validFor", ToJson(valid)}}},
                      {"logId", json::Object{{"keyId", Base64(id)}}}};
  if (!checkpoint_id.empty()) {
    out.emplace_back("checkpointKeyId", json::Object{{"keyId", Base64(checkpoint_id)}});
  }
  return out;
}

json::Value RootEntry(const TestCtLog& log, const ValidFor& valid) {
  return LogEntryOfRoot(log.host(), log.key(), log.Id(), valid);
}

json::Value RootEntry(const TestRekorV1& log, const ValidFor& valid) {
  return LogEntryOfRoot(log.host(), log.key(), log.Id(), valid);
}

json::Value RootEntry(const TestRekorV2& log, const ValidFor& valid) {
  return LogEntryOfRoot(log.host(), log.key(), log.Id(), valid);
}

json::Value RootEntry(const TestTsa& tsa, const ValidFor& valid) {
  return ChainEntry(tsa.Chain(), "https://" + tsa.name(), valid);
}

json::Value RootEntry(const TestAuthority& authority, const std::string& uri,
                      const ValidFor& valid) {
  return ChainEntry(authority.Chain(), uri, valid);
}

json::Value ChainEntry(const std::vector<std::string>& chain, const std::string& uri,
                       const ValidFor& valid) {
  json::Array certificates;
  for (const std::string& certificate : chain)
    certificates.emplace_back(json::Object{{"rawBytes", Base64(certificate)}});
  return json::Object{
      {"subject", json::Object{{"organization", "xzgate test"}, {"commonName", uri}}},
      {"uri", uri},
      {"certChain", json::Object{{"certificates", std::move(certificates)}}},
      {"validFor", ToJson(valid)}};
}

json::Value RootDocument::ToJson() const {
  return json::Object{{"mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1"},
                      {"tlogs", tlogs},
                      {"certificateAuthorities", certificate_authorities},
                      {"ctlogs", ctlogs},
                      {"timestampAuthorities", timestamp_authorities}};
}

}  // namespace xzgate::testing
