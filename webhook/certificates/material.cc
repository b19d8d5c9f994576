#include "webhook/certificates/material.h"

#include <utility>

namespace xzgate::certificates {
namespace {

std::string_view EntryOf(const SecretData& data, const char* name,
                         std::vector<std::string>& notes) {
  const auto found = data.find(name);
  if (found != data.end() && !found->second.empty()) return found->second;
  notes.push_back(std::string(name) + " is missing");
  return {};
}

std::optional<crypto::PrivateKey> ReadKey(const SecretData& data, const char* name,
                                          const crypto::PublicKey* wanted,
                                          std::vector<std::string>& notes) {
  const std::string_view pem = EntryOf(data, name, notes);
  if (pem.empty()) return std::nullopt;
  auto key = crypto::PrivateKey::FromPem(pem);
  if (!key) {
    notes.push_back(std::string(name) + ": " + key.error().message());
    return std::nullopt;
  }
  if (wanted != nullptr && key->public_key() == *wanted) return std::move(*key);
  notes.push_back(std::string(name) + " does not belong to its certificate");
  return std::nullopt;
}

std::vector<crypto::Certificate> ReadCertificates(const SecretData& data, const char* name,
                                                  std::vector<std::string>& notes) {
  const std::string_view pem = EntryOf(data, name, notes);
  if (pem.empty()) return {};
  auto list = crypto::Certificate::ListFromPem(pem, kMaxAuthorities);
  if (list) return std::move(*list);
  notes.push_back(std::string(name) + ": " + list.error().message());
  return {};
}

}  // namespace

std::optional<crypto::Issuer> Material::issuer() const {
  if (authorities.empty() || !authority_key) return std::nullopt;
  return crypto::Issuer{authorities.front(), *authority_key};
}

Material ReadMaterial(const SecretData& data, std::vector<std::string>& notes) {
  Material material;
  for (auto& certificate : ReadCertificates(data, kAuthoritiesEntry, notes)) {
    if (certificate.IsAuthority() && certificate.IsSelfIssued()) {
      material.authorities.push_back(std::move(certificate));
    } else {
      notes.push_back(std::string(kAuthoritiesEntry) + " holds " + certificate.Subject() +
                      ", which is no authority");
    }
  }
  material.authority_key =
      ReadKey(data, kAuthorityKeyEntry,
              material.authorities.empty() ? nullptr : &material.authorities.front().key(), notes);
  const auto chain = ReadCertificates(data, kLeafEntry, notes);
  auto key = ReadKey(data, kLeafKeyEntry, chain.empty() ? nullptr : &chain.front().key(), notes);
  if (key) material.leaf = Leaf{chain.front(), std::move(*key)};
  return material;
}

SecretData WriteMaterial(const Material& material) {
  std::string authorities;
  for (const auto& authority : material.authorities) authorities += authority.ToPem();
  SecretData data = {{kAuthoritiesEntry, std::move(authorities)}};
  if (material.authority_key) data[kAuthorityKeyEntry] = material.authority_key->ToPem();
  if (material.leaf) {
    data[kLeafEntry] = material.leaf->certificate.ToPem();
    data[kLeafKeyEntry] = material.leaf->key.ToPem();
  }
  return data;
}

}  // namespace xzgate::certificates
