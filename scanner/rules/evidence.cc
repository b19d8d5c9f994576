#include "scanner/rules/evidence.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "scanner/rules/environment.h"
#include "scanner/rules/image_view.h"
#include "scanner/rules/libraries.h"
#include "scanner/rules/ownership.h"
#include "scanner/rules/packages.h"

namespace xzgate::rules {
namespace {

std::string At(const std::vector<std::string>& list, std::size_t index) {
  return index < list.size() ? list[index] : std::string();
}

std::string_view Parent(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

// One run over one image. The order matters: everything is watched before the view is built.
class Collector {
 public:
  Collector(const ImageFacts& image, const RulePack& pack)
      : image_(image), pack_(pack), view_(image) {}

  Findings Run() {
    libraries_.Watch(image_, pack_, view_);
    packages_.Watch(image_, view_);
    WatchIncomplete();
    const auto problems = owners_.Scan(image_, libraries_.Basenames(), LibraryPackages(), view_);
    named_ =
        view_.Build([this](std::string_view name) { return NameClaimsBadRelease(name, pack_); });
    packages_.Read(pack_, view_);
    owners_.Resolve(view_, packages_.installed());
    out_.packages = packages_.findings();
    out_.has_database = packages_.has_database();
    out_.listed_packages.assign(owners_.listed().begin(), owners_.listed().end());
    AddFiles();
    AddNames();
    AddKnownDigests();
    AddIncomplete(problems);
    AddNotes();
    return std::move(out_);
  }

 private:
  Names LibraryPackages() const {
    Names names;
    for (const PackageRule& rule : pack_.packages) {
      names.insert(rule.libraries.begin(), rule.libraries.end());
    }
    return names;
  }

  void WatchIncomplete() {
    for (std::size_t layer = 0; layer < image_.layers.size(); ++layer) {
      if (image_.layers[layer] == nullptr) continue;
      for (const facts::Incomplete& incomplete : image_.layers[layer]->incomplete) {
        if (!incomplete.path.empty()) view_.Watch(layer, incomplete.path);
      }
    }
  }

  void AddFiles() {
    out_.files = libraries_.Read(pack_, view_);
    for (FileFinding& file : out_.files) {
      file.owners = owners_.Of(file.paths);
      file.is_explained = std::any_of(file.owners.begin(), file.owners.end(),
                                      [this](const auto& owner) { return IsRebuilt(owner); });
    }
  }

  // Whether every installed package of this name that a rule speaks about is a clean rebuild of
  // the bad version. "Really older" explains no file of the bad version.
  bool IsRebuilt(const std::string& name) const {
    bool rebuilt = false;
    for (const PackageFinding& package : out_.packages) {
      if (package.package->name != name) continue;
      if (package.meaning != PackageClass::kFixedRebuild) return false;
      rebuilt = true;
    }
    return rebuilt;
  }

  void AddNames() {
    std::set<std::pair<std::size_t, std::string>> elf;
    for (const FileFinding& file : out_.files) elf.emplace(file.layer, file.file->path);
    for (const ImageView::Named& named : named_) {
      if (elf.contains({named.layer, named.path})) continue;
      const auto paths = view_.Paths(named.id);
      if (paths.empty()) continue;
      NameFinding found{.layer = named.layer, .path = paths.front()};
      for (const facts::Incomplete& incomplete : image_.layers[named.layer]->incomplete) {
        if (incomplete.path == named.path) found.incomplete = incomplete.what;
      }
      out_.names.push_back(std::move(found));
    }
  }

  void AddKnownDigests() {
    for (const KnownFile& known : pack_.known_manifests) {
      if (image_.manifest_digest == "sha256:" + known.sha256) {
        out_.known.push_back({.known = &known, .is_manifest = true});
      }
    }
    for (std::size_t layer = 0; layer < image_.layers.size(); ++layer) {
      for (const KnownFile& known : pack_.known_layers) {
        if (At(image_.layer_digests, layer) != "sha256:" + known.sha256) continue;
        const bool seen = std::any_of(
            out_.files.begin(), out_.files.end(),
            [layer](const FileFinding& file) { return file.layer == layer && file.IsBad(); });
        out_.known.push_back({.known = &known,
                              .layer = layer,
                              .was_read = image_.layers[layer] != nullptr,
                              .bad_file_seen = seen});
      }
    }
  }

  void AddIncomplete(const std::vector<std::string>& problems) {
    for (std::size_t layer = 0; layer < image_.layers.size(); ++layer) {
      const facts::LayerFacts* facts = image_.layers[layer];
      if (facts == nullptr) {
        const std::string why = At(image_.unread, layer);
        out_.incomplete.push_back({.layer = layer,
                                   .what = why.empty() ? "no reason given" : why,
                                   .whole_layer_unread = true});
        continue;
      }
      for (const facts::Incomplete& incomplete : facts->incomplete) {
        // What a higher layer removed or replaced is no part of the image any more.
        const bool counts =
            incomplete.path.empty() || view_.IsVisible(view_.Watch(layer, incomplete.path));
        if (!counts) continue;
        out_.incomplete.push_back(
            {.layer = layer, .path = incomplete.path, .what = incomplete.what});
      }
    }
    for (const auto* list : {&problems, &view_.problems()}) {
      for (const std::string& problem : *list) {
        out_.incomplete.push_back({.what = "merged file system: " + problem});
      }
    }
  }

  void AddNotes() {
    if (image_.layers.empty()) out_.notes.push_back("the image has no layers");
    for (std::size_t layer = 0; layer < image_.layers.size(); ++layer) {
      if (image_.layers[layer] == nullptr) continue;
      for (const facts::Note& note : image_.layers[layer]->notes) {
        std::string text = "layer " + std::to_string(layer + 1) + ": " + EscapeOnce(note.what);
        if (!note.path.empty()) text += ": " + Escape(note.path);
        out_.notes.push_back(std::move(text));
      }
    }
    AddOrphanNotes();
    if (image_.config != nullptr) {
      AddEnvironmentNotes(*image_.config, pack_, view_, out_.files, out_.notes);
    }
  }

  // E15: where packages list their files, a library that none of them lists.
  void AddOrphanNotes() {
    if (!owners_.any_list() || !out_.has_database) return;
    for (const FileFinding& file : out_.files) {
      if (!file.is_library || !file.IsVisible() || !file.owners.empty()) continue;
      out_.notes.push_back("no package owns " + Escape(file.paths.front()));
    }
  }

  const ImageFacts& image_;
  const RulePack& pack_;
  ImageView view_;
  Libraries libraries_;
  Packages packages_;
  Owners owners_;
  std::vector<ImageView::Named> named_;
  Findings out_;
};

}  // namespace

Findings Collect(const ImageFacts& image, const RulePack& pack) {
  return Collector(image, pack).Run();
}

std::vector<const FileFinding*> LibraryFilesOf(const PackageFinding& package,
                                               const Findings& findings, const RulePack& pack) {
  const auto has = [](const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  const bool listed = has(findings.listed_packages, package.package->name);
  std::vector<const FileFinding*> files;
  for (const FileFinding& file : findings.files) {
    if (!file.is_library || !file.is_payload_machine || !file.IsVisible()) continue;
    const bool in_place = std::any_of(
        file.paths.begin(), file.paths.end(),
        [&](const std::string& path) { return has(pack.library_directories, Parent(path)); });
    const bool its_own =
        listed ? has(file.owners, package.package->name) : file.owners.empty() && in_place;
    if (its_own) files.push_back(&file);
  }
  return files;
}

}  // namespace xzgate::rules
