#include "webhook/policy/named_files.h"

#include <utility>

#include "base/text.h"

namespace xzgate::policy {
namespace {

std::string Beside(std::string_view path, std::string_view document) {
  if (path.starts_with('/')) return std::string(path);
  const auto slash = document.rfind('/');
  if (slash == document.npos) return std::string(path);
  return std::string(document.substr(0, slash + 1)) + std::string(path);
}

}  // namespace

Result<std::string> NamedFiles::Read(std::string_view path, std::string_view beside,
                                     std::size_t max_bytes) {
  if (path.empty()) return InvalidArgument("want the path of a file, found nothing");
  if (!read_) return InvalidArgument("file " + Quote(path) + ": no files can be read here");
  const std::string full = Beside(path, beside);
  auto found = read_already_.find(full);
  if (found == read_already_.end())
    found = read_already_.emplace(full, read_(full, max_bytes)).first;
  if (found->second && found->second->size() > max_bytes) {
    return ResourceExhausted("file " + Quote(full) + ": more than " + std::to_string(max_bytes) +
                             " bytes");
  }
  return found->second;
}

Result<std::shared_ptr<const signature::TrustedRoot>> NamedFiles::ReadRoot(
    std::string_view path, std::string_view beside) {
  const std::string full = Beside(path, beside);
  if (const auto known = roots_.find(full); known != roots_.end()) return known->second;
  XZGATE_ASSIGN(const std::string text, Read(path, beside, signature::TrustedRoot::kMaxBytes));
  XZGATE_ASSIGN(auto root, signature::TrustedRoot::Parse(text, full));
  auto shared = std::make_shared<const signature::TrustedRoot>(std::move(root));
  roots_.emplace(full, shared);
  return shared;
}

std::string NamedFiles::Contents() const {
  std::string all;
  for (const auto& [path, text] : read_already_) {
    if (!text) continue;
    all += std::to_string(text->size()) + ':' + *text;
  }
  return all;
}

void MarkThoseOfTheAuthority(yaml::Mapping& map) {
  for (const std::string_view key : {"trustedRoots", "annotations"})
    map.Misplaced(key, "belongs to the authority, beside its \"name\"");
}

std::optional<SourceText> ReadSource(const yaml::Node& node, std::string_view document,
                                     std::size_t max_bytes, NamedFiles& files,
                                     yaml::Problems& problems) {
  yaml::Mapping map(node, problems);
  if (!node.IsMapping()) return std::nullopt;
  const yaml::Node* file = map.Take("file");
  const yaml::Node* data = map.Take("data");
  MarkThoseOfTheAuthority(map);
  for (const std::string_view key : {"requireTlog", "requireTimestamp", "validFor"})
    map.Misplaced(key, "belongs to the authority, beside its \"name\"");
  for (const std::string_view key : {"kms", "pkcs11"}) {
    map.Misplaced(key,
                  "keys are not fetched: want the public half in a file, as `cosign public-key "
                  "--key URI` writes it");
  }
  map.Finish();
  if ((file == nullptr) == (data == nullptr)) {
    node.Complain(problems,
                  "want either \"file\" (a path, from this file's folder) or \"data\" "
                  "(the text itself)");
    return std::nullopt;
  }
  const yaml::Node& given = file != nullptr ? *file : *data;
  if (!given.IsScalar()) {
    given.Complain(problems, "want text");
    return std::nullopt;
  }
  if (data != nullptr) return SourceText{.text = data->scalar(), .where = data};
  auto text = files.Read(file->scalar(), document, max_bytes);
  if (text) return SourceText{.text = std::move(*text), .where = file};
  file->Complain(problems, text.error().message());
  return std::nullopt;
}

}  // namespace xzgate::policy
