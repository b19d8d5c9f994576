#include <utility>

#include "base/json/value.h"
#include "scanner/signature/bundle.h"
#include "scanner/signature/bundle_reader.h"
#include "scanner/signature/strict_json.h"

namespace xzgate::signature {
namespace {

Result<crypto::Certificate> ReadCertificate(const json::Value& object, const std::string& path) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(object, {"rawBytes"}, path));
  XZGATE_ASSIGN(const std::string der, GetBytes(object, "rawBytes", path));
  auto certificate = crypto::Certificate::FromDer(AsBytes(der));
  if (!certificate) return Annotate(certificate.error(), path);
  return certificate;
}

// The leaf and what should lead from it to a root, which itself must not be there: the signer does
// not say whom we trust (bundle.proto, VerificationMaterial; conformance bundle-with-root-cert).
Result<void> ReadChain(const json::Value& object, const std::string& path, Material& material) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(object, {"certificates"}, path));
  XZGATE_ASSIGN(const json::Array* list, GetList(object, "certificates", kMaxChain, path));
  const std::string place = MemberPath(path, "certificates");
  if (list->empty()) return InvalidArgument(place + ": empty");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string here = ElementPath(place, i);
    XZGATE_ASSIGN(auto certificate, ReadCertificate((*list)[i], here));
    if (i == 0) {
      material.certificate = std::move(certificate);
      continue;
    }
    if (certificate.IsSelfIssued()) {
      return InvalidArgument(here + ": a root certificate: want none in a bundle");
    }
    material.intermediates.push_back(std::move(certificate));
  }
  return {};
}

Result<void> ReadSigner(const json::Value& object, std::string_view path, Material& material) {
  XZGATE_ASSIGN(const json::Value* key, FindObject(object, "publicKey", path));
  XZGATE_ASSIGN(const json::Value* certificate, FindObject(object, "certificate", path));
  XZGATE_ASSIGN(const json::Value* chain, FindObject(object, "x509CertificateChain", path));
  const int count =
      (key != nullptr ? 1 : 0) + (certificate != nullptr ? 1 : 0) + (chain != nullptr ? 1 : 0);
  if (count != 1) {
    return InvalidArgument(std::string(path) +
                           ": want one of \"publicKey\", \"certificate\" and "
                           "\"x509CertificateChain\", found " +
                           std::to_string(count));
  }
  if (key != nullptr) {
    const std::string place = MemberPath(path, "publicKey");
    XZGATE_RETURN_IF_ERROR(CheckMembers(*key, {"hint"}, place));
    XZGATE_ASSIGN(material.key_hint, json::GetStringOr(*key, "hint", "", place));
    return {};
  }
  if (certificate != nullptr) {
    XZGATE_ASSIGN(material.certificate,
                  ReadCertificate(*certificate, MemberPath(path, "certificate")));
    return {};
  }
  const std::string place = MemberPath(path, "x509CertificateChain");
  if (material.format == Format::kBundleV03) {
    return InvalidArgument(place +
                           ": version 0.3 has none: want \"certificate\" (cosign: leave "
                           "--certificate-chain out, the policy has roots and intermediates)");
  }
  return ReadChain(*chain, place, material);
}

Result<std::vector<std::string>> ReadTimestamps(const json::Value& object, std::string_view path) {
  std::vector<std::string> timestamps;
  XZGATE_ASSIGN(const json::Value* data, FindObject(object, "timestampVerificationData", path));
  if (data == nullptr) return timestamps;
  const std::string place = MemberPath(path, "timestampVerificationData");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*data, {"rfc3161Timestamps"}, place));
  XZGATE_ASSIGN(const json::Array* list,
                GetList(*data, "rfc3161Timestamps", kMaxTimestamps, place));
  timestamps.reserve(list->size());
  for (const json::Value& item : *list) {
    const std::string here = ElementPath(MemberPath(place, "rfc3161Timestamps"), timestamps.size());
    XZGATE_RETURN_IF_ERROR(CheckMembers(item, {"signedTimestamp"}, here));
    XZGATE_ASSIGN(std::string der, GetBytes(item, "signedTimestamp", here));
    if (der.size() > kMaxTimestampBytes) {
      return ResourceExhausted(here + ": want at most " + std::to_string(kMaxTimestampBytes) +
                               " bytes, found " + std::to_string(der.size()));
    }
    timestamps.push_back(std::move(der));
  }
  return timestamps;
}

}  // namespace

Result<void> ReadVerificationMaterial(const json::Value& object, std::string_view path,
                                      Material& material) {
  XZGATE_RETURN_IF_ERROR(CheckMembers(object,
                                      {"publicKey", "certificate", "x509CertificateChain",
                                       "tlogEntries", "timestampVerificationData"},
                                      path));
  XZGATE_RETURN_IF_ERROR(ReadSigner(object, path, material));
  XZGATE_ASSIGN(material.entries, ReadLogEntries(object, path, material.format));
  XZGATE_ASSIGN(material.timestamps, ReadTimestamps(object, path));
  return {};
}

}  // namespace xzgate::signature
