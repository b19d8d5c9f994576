#include "cmd/local_path.h"

#include <array>
#include <cstdio>
#include <filesystem>

#include "base/text.h"
#include "cmd/layout_name.h"

namespace xzgate::cmd {
namespace {

namespace fs = std::filesystem;

bool IsManifestName(const std::string& word) {
  return word.ends_with(".yaml") || word.ends_with(".yml") || word.ends_with(".json");
}

// No image reference starts like this.
bool IsPath(const std::string& word) {
  constexpr std::array<std::string_view, 4> kStarts = {"/", "./", "../", "~/"};
  for (const auto start : kStarts) {
    if (word.starts_with(start)) return true;
  }
  return word == "." || word == "..";
}

}  // namespace

std::optional<std::string> HintOf(const std::string& word) {
  std::error_code ignored;
  const auto status = fs::status(word, ignored);
  if (fs::is_directory(status))
    return Quote(word) + " is a folder; an OCI layout in it is named " + Quote("oci:" + word);
  if (!fs::is_regular_file(status)) return std::nullopt;
  if (IsManifestName(word))
    return Quote(word) + " is a file; \"xzgate explain\" reads the images of a manifest";
  return Quote(word) +
         " is a file; from disk only OCI layouts are read (oci:DIR), and \"skopeo copy "
         "docker-archive:FILE oci:DIR\" makes one of a saved image";
}

Result<void> CheckMeansImage(const std::string& word) {
  if (registry::LayoutReference::IsLayout(word)) {
    XZGATE_ASSIGN(const auto layout, LayoutName::Parse(word));
    return layout.CheckExists();
  }
  if (const auto scheme = word.find("://"); scheme != word.npos)
    return InvalidArgument("image " + Quote(word) +
                           ": leave the scheme out: " + Quote(word.substr(scheme + 3)));
  if (!IsPath(word) && !IsManifestName(word)) return {};
  const auto hint = HintOf(word);
  if (!hint) return NotFound("file " + Quote(word) + " does not exist");
  return InvalidArgument(*hint);
}

void PrintHint(std::string_view command, const std::string& name) {
  if (const auto hint = HintOf(name))
    std::fputs(("xzgate " + std::string(command) + ": note: " + *hint + "\n").c_str(), stderr);
}

}  // namespace xzgate::cmd
