#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/yaml/document.h"
#include "scanner/signature/trusted_root.h"
#include "webhook/policy/named_files.h"

namespace xzgate::policy {

// Where a document's readers find what it names, and say what is wrong. Borrows all of it.
struct ReadingFrom {
  std::string_view document;  // name of its file
  NamedFiles& files;
  yaml::Problems& problems;
};

// `key` and `keys` of an authority: public keys in PEM. Adds every problem: an empty list, private
// keys, certificates, the same key twice.
std::vector<crypto::PublicKey> ReadKeys(yaml::Mapping& authority, const ReadingFrom& from);

// Certificates in PEM, those of authorities alone.
std::vector<crypto::Certificate> ReadCertificates(yaml::Mapping& map, std::string_view key,
                                                  bool required, const ReadingFrom& from);

// `trustedRoots`: "public-good", which is the default, and {file: PATH}. Null entries stand for
// those that could not be read.
std::vector<std::shared_ptr<const signature::TrustedRoot>> ReadTrustedRoots(
    yaml::Mapping& authority, const ReadingFrom& from);

}  // namespace xzgate::policy
