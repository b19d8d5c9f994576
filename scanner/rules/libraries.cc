#include "scanner/rules/libraries.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::rules {
namespace {

bool HasPayload(const facts::ElfFile& file, const RulePack& pack) {
  return std::any_of(file.patterns.begin(), file.patterns.end(), [&pack](const std::string& name) {
    return std::find(pack.payload_patterns.begin(), pack.payload_patterns.end(), name) !=
           pack.payload_patterns.end();
  });
}

const KnownFile* FindKnown(const facts::ElfFile& file, const RulePack& pack) {
  for (const KnownFile& known : pack.known_files) {
    if (known.sha256 == file.sha256) return &known;
  }
  return nullptr;
}

const facts::ElfSymbol* FindSymbol(const facts::ElfFile& file, std::string_view name) {
  if (name.empty()) return nullptr;
  for (const facts::ElfSymbol& symbol : file.symbols) {
    if (symbol.name == name) return &symbol;
  }
  return nullptr;
}

std::string IncompleteOf(const facts::LayerFacts& facts, std::string_view path) {
  for (const facts::Incomplete& incomplete : facts.incomplete) {
    if (incomplete.path == path) return incomplete.what;
  }
  return {};
}

bool IsBadConstant(std::uint32_t constant, const RulePack& pack) {
  return std::any_of(
      pack.bad_releases.begin(), pack.bad_releases.end(),
      [constant](const BadRelease& release) { return release.constant == constant; });
}

bool AnyNameClaims(const FileFinding& found, const RulePack& pack) {
  if (NameClaimsBadRelease(Basename(found.file->path), pack)) return true;
  return std::any_of(found.paths.begin(), found.paths.end(), [&pack](const std::string& path) {
    return NameClaimsBadRelease(Basename(path), pack);
  });
}

}  // namespace

std::string FileFinding::MemberSuffix() const {
  return file->member.empty() ? "" : "(" + Escape(file->member) + ")";
}

bool Libraries::IsLibrary(const facts::ElfFile& file, const RulePack& pack) {
  if (FindSymbol(file, pack.version_symbol) != nullptr) return true;
  if (FindSymbol(file, pack.ifunc_symbol) != nullptr) return true;
  if (pack.library_name.empty()) return false;
  return file.soname.starts_with(pack.library_name + ".so") ||
         Basename(file.path).find(pack.library_name) != std::string_view::npos;
}

void Libraries::Watch(const ImageFacts& image, const RulePack& pack, ImageView& view) {
  for (std::size_t layer = 0; layer < image.layers.size(); ++layer) {
    const facts::LayerFacts* facts = image.layers[layer];
    if (facts == nullptr) continue;
    for (const facts::ElfFile& file : facts->elf_files) {
      const bool matters =
          HasPayload(file, pack) || FindKnown(file, pack) != nullptr || IsLibrary(file, pack);
      if (!matters) continue;
      candidates_.push_back({.layer = layer,
                             .id = file.after_end ? 0 : view.Watch(layer, file.path),
                             .file = &file,
                             .incomplete = IncompleteOf(*facts, file.path)});
    }
  }
}

Names Libraries::Basenames() const {
  Names names;
  for (const Candidate& candidate : candidates_) {
    names.emplace(Basename(candidate.file->path));
  }
  return names;
}

std::vector<FileFinding> Libraries::Read(const RulePack& pack, const ImageView& view) const {
  std::vector<FileFinding> found;
  for (const Candidate& candidate : candidates_) {
    const facts::ElfFile& file = *candidate.file;
    FileFinding finding{.file = &file, .layer = candidate.layer};
    if (!file.after_end) finding.paths = view.Paths(candidate.id);
    finding.is_library = IsLibrary(file, pack);
    finding.is_payload_machine = file.machine == pack.payload_machine;
    finding.has_payload = HasPayload(file, pack);
    finding.known = FindKnown(file, pack);
    if (const auto* symbol = FindSymbol(file, pack.version_symbol)) {
      finding.constant = symbol->constant;
    }
    finding.is_bad_version = finding.constant && IsBadConstant(*finding.constant, pack);
    const auto* ifunc = FindSymbol(file, pack.ifunc_symbol);
    finding.is_ifunc = ifunc != nullptr && ifunc->is_ifunc;
    finding.name_claims_bad = AnyNameClaims(finding, pack);
    finding.incomplete = candidate.incomplete;
    found.push_back(std::move(finding));
  }
  return found;
}

}  // namespace xzgate::rules
