#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_source.h"
#include "scanner/facts/elf_reader.h"
#include "scanner/facts/findings.h"
#include "scanner/facts/probes.h"

namespace xzgate::facts {

struct ArLimits {
  std::size_t max_members = 100'000;
  // Of the table of long names, which only serve to tell where something was found.
  std::size_t max_name_bytes = 4 * 1024 * 1024;
};

// Bytes that tell an archive (ar.h, ARMAG), and a thin one, whose members are files of their own.
inline constexpr std::size_t kArMagicBytes = 8;
bool IsArArchive(Bytes head);
bool IsThinArArchive(Bytes head);

// Reads a static library, or any other archive of `ar`, as it streams by: each member that is an
// ELF file goes through the ELF extractor, one at a time. Names of members: GNU's and BSD's long
// ones too. Damage is a note, as no linker takes such an archive; a limit is `incomplete`. The
// findings do not depend on how the file was cut into calls. Confined to one thread; borrows its
// arguments.
class ArArchive {
 public:
  // `found` receives the members that matter: with a pattern, or something incomplete. A static
  // library has thousands of others.
  ArArchive(std::string path, const Probes& probes, HashThread* hasher,
            std::function<void(ElfReading)> found, const ArLimits& limits = {});
  ~ArArchive();
  ArArchive(const ArArchive&) = delete;
  ArArchive& operator=(const ArArchive&) = delete;

  // The next bytes of the file, which starts with the magic.
  void Feed(Bytes bytes);

  // Call once, at the end of the file.
  void Finish(Findings& findings);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::facts
