#include <string>
#include <utility>

#include "base/byte_source.h"
#include "base/crypto/issue.h"
#include "scanner/signature/strict_json.h"
#include "scanner/signature/trusted_root_reader.h"

namespace xzgate::signature {
namespace {

constexpr std::size_t kMaxChain = 10;  // signatures.md 1.5

// Leaf or intermediates first, what is trusted last, each issued by the next. Validity is a
// question of the moment that is asked about.
Result<void> CheckChain(const std::vector<crypto::Certificate>& chain, AnchorKind kind,
                        std::string_view path) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool may_be_leaf = i == 0 && kind == AnchorKind::kTimestampAuthority;
    if (!may_be_leaf && !chain[i].IsAuthority()) {
      return InvalidArgument(ElementPath(path, i) + ": " + chain[i].Subject() +
                             " is no certificate authority");
    }
    if (i + 1 < chain.size() && !crypto::IsIssuedBy(chain[i], chain[i + 1])) {
      return InvalidArgument(ElementPath(path, i) + ": " + chain[i].Subject() +
                             " is not issued by the next, " + chain[i + 1].Subject());
    }
  }
  return {};
}

Result<std::vector<crypto::Certificate>> ReadCertificates(const json::Value& anchor,
                                                          std::string_view anchor_path) {
  const std::string chain_path = MemberPath(anchor_path, "certChain");
  XZGATE_ASSIGN(const json::Value* member, GetObject(anchor, "certChain", anchor_path));
  XZGATE_RETURN_IF_ERROR(CheckMembers(*member, {"certificates"}, chain_path));
  XZGATE_ASSIGN(const json::Array* array, GetList(*member, "certificates", kMaxChain, chain_path));
  const std::string path = MemberPath(chain_path, "certificates");
  if (array->empty()) return InvalidArgument(path + ": empty");
  std::vector<crypto::Certificate> chain;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const std::string place = ElementPath(path, i);
    XZGATE_RETURN_IF_ERROR(CheckMembers((*array)[i], {"rawBytes"}, place));
    XZGATE_ASSIGN(const std::string der, GetBytes((*array)[i], "rawBytes", place));
    auto certificate = crypto::Certificate::FromDer(AsBytes(der));
    if (!certificate) return Annotate(certificate.error(), place);
    chain.push_back(*std::move(certificate));
  }
  return chain;
}

// Who it is said to be; for people, the certificates decide.
Result<void> CheckSubject(const json::Value& anchor, std::string_view path) {
  XZGATE_ASSIGN(const json::Value* subject, FindObject(anchor, "subject", path));
  if (subject == nullptr) return {};
  const std::string place = MemberPath(path, "subject");
  XZGATE_RETURN_IF_ERROR(CheckMembers(*subject, {"organization", "commonName"}, place));
  for (const std::string_view key : {"organization", "commonName"}) {
    XZGATE_ASSIGN([[maybe_unused]] const std::string name,
                  json::GetStringOr(*subject, key, "", place));
  }
  return {};
}

Result<void> ReadAnchor(const json::Value& value, std::string_view path, AnchorKind kind,
                        RootList<Anchor>& list) {
  XZGATE_RETURN_IF_ERROR(
      CheckMembers(value, {"subject", "uri", "certChain", "validFor", "operator"}, path));
  XZGATE_RETURN_IF_ERROR(CheckSubject(value, path));
  XZGATE_ASSIGN(std::string uri, json::GetStringOr(value, "uri", "", path));
  XZGATE_ASSIGN(std::string run_by, json::GetStringOr(value, "operator", "", path));
  XZGATE_ASSIGN(const json::Value* range, GetObject(value, "validFor", path));
  XZGATE_ASSIGN(const Validity valid, ReadValidity(*range, MemberPath(path, "validFor")));
  auto chain = ReadCertificates(value, path);
  if (!chain && chain.error().code() == ErrorCode::kUnsupported) {
    list.notes.push_back(std::string(path) + " is left out: " + chain.error().message());
    return {};
  }
  if (!chain) return std::unexpected(chain.error());
  XZGATE_RETURN_IF_ERROR(CheckChain(*chain, kind, path));
  list.items.push_back(Anchor{.uri = std::move(uri),
                              .chain = *std::move(chain),
                              .valid = valid,
                              .run_by = std::move(run_by),
                              .is_chain_verified = true});  // by CheckChain
  return {};
}

}  // namespace

Result<RootList<Anchor>> ReadAnchors(const json::Value& root, std::string_view key,
                                     AnchorKind kind) {
  const std::string path = MemberPath("$", key);
  XZGATE_ASSIGN(const json::Array* array, GetList(root, key, TrustedRoot::kMaxEntries, "$"));
  RootList<Anchor> list;
  for (std::size_t i = 0; i < array->size(); ++i) {
    XZGATE_RETURN_IF_ERROR(ReadAnchor((*array)[i], ElementPath(path, i), kind, list));
  }
  return list;
}

}  // namespace xzgate::signature
