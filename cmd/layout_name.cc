#include "cmd/layout_name.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <variant>

#include "base/text.h"
#include "scanner/oci/manifest.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";  // image-spec

// By digest of a manifest, the names of the index entries that lead to it.
using Names = std::map<std::string, std::set<std::string>>;

// The index at `digest`; absent for a manifest and for what cannot be read, which the report says.
std::optional<oci::Index> ReadIndex(registry::OciLayout& layout, const oci::Digest& digest,
                                    const std::string& media_type) {
  const oci::PinnedReference at(layout.root().repository(), digest);
  const auto bytes = layout.FetchManifest(at, {});
  if (!bytes) return std::nullopt;
  auto document = oci::ParseDocument(bytes->bytes, media_type, "");
  if (!document || !std::holds_alternative<oci::Index>(*document)) return std::nullopt;
  return std::get<oci::Index>(std::move(*document));
}

Names NamesOf(registry::OciLayout& layout) {
  Names names;
  const auto top = ReadIndex(layout, layout.root().digest(), std::string(oci::kOciIndex));
  if (!top) return names;
  std::size_t indexes = 0;
  for (const auto& entry : top->manifests) {
    const std::string name(entry.FindAnnotation(kRefName).value_or(""));
    if (name.empty()) continue;
    names[entry.digest.ToString()].insert(name);
    if (++indexes > kMaxNamedIndexes) continue;
    const auto inner = ReadIndex(layout, entry.digest, "");
    if (!inner) continue;
    for (const auto& child : inner->manifests) names[child.digest.ToString()].insert(name);
  }
  return names;
}

}  // namespace

Result<LayoutName> LayoutName::Parse(const std::string& text) {
  const auto at = text.rfind('@');
  const bool has_digest = at != text.npos && (text.compare(at, 8, "@sha256:") == 0 ||
                                              text.compare(at, 8, "@sha512:") == 0);
  if (has_digest) {
    auto whole = registry::LayoutReference::Parse(text.substr(0, at));
    if (!whole) return std::unexpected(whole.error());
    // A tag may be a whole name, with a digest in it.
    if (!whole->tag) {
      auto digest = oci::Digest::Parse(text.substr(at + 1));
      if (!digest) return Annotate(digest.error(), "OCI layout " + Quote(text));
      return LayoutName{.reference = std::move(*whole), .digest = std::move(*digest)};
    }
  }
  XZGATE_ASSIGN(auto reference, registry::LayoutReference::Parse(text));
  return LayoutName{.reference = std::move(reference), .digest = std::nullopt};
}

Result<void> LayoutName::CheckExists() const {
  std::error_code error;
  const std::filesystem::path marker = std::filesystem::path(reference.directory) / "oci-layout";
  if (std::filesystem::exists(marker, error)) return {};
  const bool is_missing = !error || error == std::errc::not_a_directory;
  return NotFound("no OCI layout in " + Quote(reference.directory) + ": " +
                  (is_missing ? "oci-layout is missing" : error.message()));
}

void NoteNames(registry::OciLayout& layout, rules::Report& report) {
  const Names names = NamesOf(layout);
  for (auto& platform : report.platforms) {
    const auto found = names.find(platform.manifest_digest);
    if (found == names.end()) continue;
    std::vector<std::string> quoted;
    for (const auto& name : found->second) quoted.push_back(Quote(name, 64));
    platform.notes.insert(platform.notes.begin(),
                          std::string("named ") + Join(quoted, ", ") + " in the layout");
  }
}

}  // namespace xzgate::cmd
