#include "scanner/rules/packages.h"

namespace xzgate::rules {

void Packages::Watch(const ImageFacts& image, ImageView& view) {
  for (std::size_t layer = 0; layer < image.layers.size(); ++layer) {
    if (image.layers[layer] == nullptr) continue;
    for (const auto& database : image.layers[layer]->databases) {
      sources_.push_back({layer, view.Watch(layer, database.path), &database, nullptr});
    }
    for (const auto& os : image.layers[layer]->os_releases) {
      sources_.push_back({layer, view.Watch(layer, os.path), nullptr, &os});
    }
  }
}

void Packages::Read(const RulePack& pack, const ImageView& view) {
  std::erase_if(sources_, [&view](const Source& source) { return !view.IsVisible(source.id); });
  std::vector<std::string> os_ids;
  for (const Source& source : sources_) {
    if (source.os != nullptr) os_ids.push_back(source.os->id);
  }
  // A database without a package, such as an empty status file, speaks for nobody.
  for (const Source& source : sources_) {
    if (source.database == nullptr) continue;
    for (const facts::Package& package : source.database->packages) {
      if (!package.installed) continue;
      has_database_ = true;
      installed_.emplace(source.database->kind, package.name);
      for (const PackageRule& rule : pack.packages) {
        if (rule.database != source.database->kind) continue;
        const PackageClass meaning = Classify(package, rule, os_ids);
        if (meaning == PackageClass::kUnrelated) continue;
        findings_.push_back({.package = &package,
                             .rule = &rule,
                             .meaning = meaning,
                             .is_active_library = IsActiveLibrary(package, rule),
                             .layer = source.layer,
                             .database = source.database->path});
      }
    }
  }
}

}  // namespace xzgate::rules
