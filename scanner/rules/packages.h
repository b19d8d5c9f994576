#pragma once

#include <set>
#include <string>
#include <vector>

#include "scanner/rules/evidence.h"
#include "scanner/rules/image_view.h"
#include "scanner/rules/ownership.h"

namespace xzgate::rules {

// What the visible package databases say. Use: Watch before the view is built, Read after it.
// Confined to one thread; borrows the image.
class Packages {
 public:
  void Watch(const ImageFacts& image, ImageView& view);
  void Read(const RulePack& pack, const ImageView& view);

  // The packages that a rule speaks about.
  const std::vector<PackageFinding>& findings() const { return findings_; }
  // Every installed package of every visible database.
  const std::set<Owners::PackageKey>& installed() const { return installed_; }
  bool has_database() const { return has_database_; }

 private:
  struct Source {
    std::size_t layer = 0;
    std::size_t id = 0;
    const facts::PackageDatabase* database = nullptr;
    const facts::OsRelease* os = nullptr;
  };

  std::vector<Source> sources_;
  std::vector<PackageFinding> findings_;
  std::set<Owners::PackageKey> installed_;
  bool has_database_ = false;
};

}  // namespace xzgate::rules
