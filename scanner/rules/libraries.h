#pragma once

#include <string>
#include <vector>

#include "scanner/rules/evidence.h"
#include "scanner/rules/image_view.h"
#include "scanner/rules/ownership.h"

namespace xzgate::rules {

// What the ELF files of an image show: those that are the library and those that are known to be
// bad. Use: Watch before the view is built, Read after it. Confined to one thread; borrows
// everything.
class Libraries {
 public:
  void Watch(const ImageFacts& image, const RulePack& pack, ImageView& view);
  // Last path components of all files that matter, for the look-up of owners.
  Names Basenames() const;
  // The findings, without owners.
  std::vector<FileFinding> Read(const RulePack& pack, const ImageView& view) const;

  // Whether `file` is the library by symbol, soname or name.
  static bool IsLibrary(const facts::ElfFile& file, const RulePack& pack);

 private:
  struct Candidate {
    std::size_t layer = 0;
    std::size_t id = 0;  // unused behind the end marker: such a file is in no view
    const facts::ElfFile* file = nullptr;
    std::string incomplete;
  };
  std::vector<Candidate> candidates_;
};

}  // namespace xzgate::rules
