#include "webhook/policy/trust_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"

namespace xzgate::policy {
namespace {

using signature::TrustedRoot;

constexpr std::size_t kMaxKeys = 32;
// With a root and a leaf they are as many as a path may have (certificate_path.cc).
constexpr std::size_t kMaxCertificates = 8;
constexpr std::size_t kMaxRoots = 8;
constexpr std::size_t kMaxCertificateBytes = 1024 * 1024;
constexpr std::string_view kPublicGood = "public-good";

void ReadKey(const yaml::Node& node, const ReadingFrom& from, std::vector<crypto::PublicKey>& out) {
  const auto source =
      ReadSource(node, from.document, crypto::PublicKey::kMaxPemBytes, from.files, from.problems);
  if (!source) return;
  auto key = crypto::PublicKey::FromPem(source->text);
  if (!key) return source->where->Complain(from.problems, key.error().message());
  if (std::ranges::find(out, *key) != out.end())
    return source->where->Complain(from.problems, "the same key stands before it");
  out.push_back(std::move(*key));
}

std::shared_ptr<const TrustedRoot> ReadTrustedRoot(const yaml::Node& node,
                                                   const ReadingFrom& from) {
  if (node.IsScalar() && node.scalar() == kPublicGood) return TrustedRoot::BuiltIn();
  if (!node.IsMapping()) {
    node.Complain(from.problems,
                  "want \"public-good\" or {file: PATH}, found " +
                      (node.IsScalar() ? Quote(node.scalar(), 64)
                                       : std::string(node.IsSequence() ? "a list" : "nothing")));
    return nullptr;
  }
  std::string path;
  yaml::Mapping map(node, from.problems);
  map.Required("file", path);
  map.Finish();
  if (path.empty()) return nullptr;
  auto root = from.files.ReadRoot(path, from.document);
  if (root) return std::move(*root);
  node.Find("file")->Complain(from.problems, root.error().message());
  return nullptr;
}

}  // namespace

std::vector<crypto::PublicKey> ReadKeys(yaml::Mapping& authority, const ReadingFrom& from) {
  std::vector<crypto::PublicKey> read;
  if (const yaml::Node* key = authority.Take("key")) ReadKey(*key, from, read);
  const yaml::Node* keys = authority.Take("keys");
  if (keys == nullptr) return read;
  if (!keys->IsSequence() || keys->items().empty() || keys->items().size() > kMaxKeys) {
    keys->Complain(from.problems, "want a list of 1 to " + std::to_string(kMaxKeys) +
                                      " keys, each {file: PATH} or {data: PEM}");
    return read;
  }
  for (const yaml::Node& key : keys->items()) ReadKey(key, from, read);
  return read;
}

std::vector<crypto::Certificate> ReadCertificates(yaml::Mapping& map, std::string_view key,
                                                  bool required, const ReadingFrom& from) {
  const yaml::Node* node = map.Take(key, required);
  if (node == nullptr) return {};
  const auto source =
      ReadSource(*node, from.document, kMaxCertificateBytes, from.files, from.problems);
  if (!source) return {};
  auto list = crypto::Certificate::ListFromPem(source->text, kMaxCertificates);
  if (!list) {
    source->where->Complain(from.problems, list.error().message());
    return {};
  }
  if (list->empty()) source->where->Complain(from.problems, "want certificates in PEM, found none");
  for (const auto& certificate : *list) {
    // A leaf as an anchor vouches for itself, or for all that its issuer signs (ratify#2693).
    if (certificate.IsAuthority()) continue;
    source->where->Complain(from.problems,
                            "certificate of " + Quote(certificate.Subject(), 128) +
                                " is no authority's (CA:TRUE): want those that issue");
  }
  return std::move(*list);
}

std::vector<std::shared_ptr<const TrustedRoot>> ReadTrustedRoots(yaml::Mapping& authority,
                                                                 const ReadingFrom& from) {
  const yaml::Node* list = authority.Take("trustedRoots");
  if (list == nullptr) return {TrustedRoot::BuiltIn()};
  std::vector<std::shared_ptr<const TrustedRoot>> roots;
  if (!list->IsSequence() || list->items().empty() || list->items().size() > kMaxRoots) {
    list->Complain(from.problems, "want a list of 1 to " + std::to_string(kMaxRoots) +
                                      " roots, each \"public-good\" or {file: PATH}");
    return {nullptr};
  }
  for (const yaml::Node& item : list->items()) roots.push_back(ReadTrustedRoot(item, from));
  return roots;
}

}  // namespace xzgate::policy
