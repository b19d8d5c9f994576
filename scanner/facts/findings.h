#pragma once

#include <string>
#include <vector>

#include "base/byte_source.h"
#include "scanner/facts/layer_facts.h"

namespace xzgate::facts {

// What extractors found: the parts of LayerFacts that come from the content of files. Move-only.
struct Findings {
  std::vector<PackageDatabase> databases;
  std::vector<Ownership> ownership;
  std::vector<ElfFile> elf_files;
  std::vector<OsRelease> os_releases;
  std::vector<Incomplete> incomplete;
  std::vector<Note> notes;
};

// Reads one file as it streams by, in bounded memory. The findings do not depend on how the file
// was cut into calls. Confined to one thread.
class Extractor {
 public:
  virtual ~Extractor() = default;
  virtual void Feed(Bytes bytes) = 0;
  // Call once, at the end of the file: adds what was found. What was not understood or too large is
  // added as `incomplete`, and the good part kept.
  virtual void Finish(Findings& findings) = 0;
};

}  // namespace xzgate::facts
