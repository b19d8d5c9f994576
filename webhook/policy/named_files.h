#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/yaml/document.h"
#include "scanner/signature/trusted_root.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// The files that the documents of one parse name: each is read once, whoever names it. Confined to
// one thread; borrows the reader.
class NamedFiles {
 public:
  explicit NamedFiles(const FileReader& read) : read_(read) {}

  // Reads `path` as a document in `beside` names it: a relative one is looked for in that file's
  // folder. Errors: those of the reader, kInvalidArgument (no path, or nothing can be read here).
  Result<std::string> Read(std::string_view path, std::string_view beside, std::size_t max_bytes);
  // The same as a trusted_root.json, which all that name it share.
  Result<std::shared_ptr<const signature::TrustedRoot>> ReadRoot(std::string_view path,
                                                                 std::string_view beside);

  // Everything that was read, for the version of the policies.
  std::string Contents() const;

 private:
  const FileReader& read_;
  std::map<std::string, Result<std::string>> read_already_;  // by path
  std::map<std::string, std::shared_ptr<const signature::TrustedRoot>> roots_;
};

// For a mapping within an authority: names what people write there and belongs to the authority.
void MarkThoseOfTheAuthority(yaml::Mapping& map);

// What stands at `node`: a mapping with either `file` or `data` (the text itself).
struct SourceText {
  std::string text;
  const yaml::Node* where = nullptr;  // the value, for complaints
};
// Null text and a problem where there is none.
std::optional<SourceText> ReadSource(const yaml::Node& node, std::string_view document,
                                     std::size_t max_bytes, NamedFiles& files,
                                     yaml::Problems& problems);

}  // namespace xzgate::policy
