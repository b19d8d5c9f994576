#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "scanner/facts/ar_archive.h"
#include "scanner/facts/elf_reader.h"
#include "scanner/facts/findings.h"
#include "scanner/facts/hash_thread.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/facts/probes.h"
#include "scanner/facts/toc_check.h"
#include "scanner/layer/tar_reader.h"

namespace xzgate::facts {

// Bounds on what is kept of one layer, far above what real layers have (all of Debian: some 70,000
// packages and 100,000 ELF files).
struct FactLimits {
  std::size_t max_fact_bytes = 48 * 1024 * 1024;
  std::size_t max_hits =
      10'000;  // ELF files with patterns or watched symbols are kept so far beyond max_fact_bytes
  std::size_t max_notes = 1000;  // and as many `incomplete`: one is enough to decide
  std::uint64_t max_database_bytes = 128ULL * 1024 * 1024;
};

// Goes through the entries of one tar stream once and runs the extractors over their content, one
// file in flight at a time. Confined to one thread; borrows all it is given.
class LayerWalk {
 public:
  // `toc`: may be null; is told of every entry before the end marker.
  LayerWalk(layer::TarReader& tar, const Probes& probes, const FactLimits& limits,
            LayerFacts& facts, TocCheck* toc = nullptr);

  // Fills `facts`. Errors: those of the tar stream; what was read until then is in `facts`, but
  // nothing of the file that broke off except packages.
  Result<void> Run();

  void AddNote(std::string path, std::string what);
  void AddIncomplete(std::string path, std::string what);

 private:
  void OnName(const layer::TarEntry& entry);
  Result<void> OnContent(const layer::TarEntry& entry);
  // Who reads a file's content; all may be absent.
  struct Readers {
    std::unique_ptr<Extractor> database;
    std::optional<ElfExtractor> elf;
    std::optional<ArArchive> archive;
    TocCheck* toc = nullptr;
  };

  TocCheck* TocFor(const layer::TarEntry& entry) const;
  std::unique_ptr<Extractor> MakeDatabase(const layer::TarEntry& entry);
  Result<std::string> ReadStart(bool wants_all);
  void ChooseReaders(const std::string& start, const layer::TarEntry& entry, Readers& readers);
  Result<void> Feed(const std::string& start, std::optional<std::uint64_t> position,
                    Readers& readers, const std::string& path);
  void EndContent(const layer::TarEntry& entry, Readers& readers);
  void KeepElf(ElfReading reading);
  void KeepFindings(Findings findings);
  bool Spend(std::size_t bytes);

  layer::TarReader& tar_;
  const Probes& probes_;
  FactLimits limits_;
  LayerFacts& facts_;
  TocCheck* toc_;
  HashThread hasher_{crypto::Algorithm::kSha256};
  std::size_t spent_ = 0;
  std::size_t hits_beyond_ = 0;
  bool has_dropped_ = false;
};

}  // namespace xzgate::facts
