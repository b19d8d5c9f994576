#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scanner/layer/entry_log.h"
#include "scanner/oci/digest.h"

namespace xzgate::facts {

enum class DatabaseKind : std::uint8_t { kDpkg, kApk };

// One package as a database names it. A value. Versions are kept as written: what they mean is the
// rules' business.
struct Package {
  std::string name;
  std::string version;
  std::string architecture;
  std::string source;  // dpkg Source, apk origin; the name itself when absent
  std::string
      source_version;     // dpkg "Source: xz-utils (5.6.0-0.2)"; the version itself when absent
  bool installed = true;  // false: dpkg "deinstall ok config-files" and the like

  bool operator==(const Package&) const = default;
};

// A database file and what it says.
struct PackageDatabase {
  DatabaseKind kind = DatabaseKind::kDpkg;
  std::string path;
  std::vector<Package> packages;

  bool operator==(const PackageDatabase&) const = default;
};

// The files that a package says are its own (dpkg info/*.list, apk F:/R: lines): entries of type
// kFile whose path is the file and whose target is the package's name. `source` is the file that
// says so, so that a higher layer which replaces it replaces its word too.
struct Ownership {
  DatabaseKind kind = DatabaseKind::kDpkg;
  std::string source;
  layer::EntryLog files;
};

// A dynamic symbol that a probe asked for, found defined in a file.
struct ElfSymbol {
  std::string name;
  bool is_ifunc = false;  // STT_GNU_IFUNC
  std::optional<std::uint32_t>
      constant;  // what the function returns when it is "return constant" (xz.md 3.5)

  bool operator==(const ElfSymbol&) const = default;
};

// An ELF file, whatever its name.
struct ElfFile {
  std::string path;
  std::string member;  // of the archive of `ar` at that path; "" for a file of its own
  std::uint64_t size = 0;
  std::string sha256;  // hex
  bool is_64bit = true;
  bool is_big_endian = false;
  std::uint16_t machine = 0;  // e_machine
  std::uint16_t type = 0;     // e_type
  std::string soname;
  std::string build_id;               // hex
  std::vector<ElfSymbol> symbols;     // only those that the probes name
  std::vector<std::string> patterns;  // names of probe patterns found in executable segments
  bool after_end = false;  // behind tar's end marker: counts as `suspicious`, not as merged view

  bool operator==(const ElfFile&) const = default;
};

struct OsRelease {
  std::string path;
  std::string id;          // ID=
  std::string version_id;  // VERSION_ID=

  bool operator==(const OsRelease&) const = default;
};

// Something that was not read to the end, so that "clean" is out of reach.
struct Incomplete {
  std::string path;  // "" for the layer itself
  std::string what;  // "elf symbols beyond 16 MiB", "dpkg line longer than 64 KiB"

  bool operator==(const Incomplete&) const = default;
};

// Worth telling, changes no verdict (design.md section 2, "note"): a wrong media type, trailing
// bytes, a file behind the end marker.
struct Note {
  std::string path;
  std::string what;

  bool operator==(const Note&) const = default;
};

// What came of the tables of contents that the layer's descriptor announced (toc_announcement.h).
struct TocFact {
  std::string announced;       // TocKey of that descriptor, "" for none
  bool is_incomplete = false;  // an `incomplete` speaks of them

  bool operator==(const TocFact&) const = default;
};

// Everything read from one layer that stays true for ever. Move-only because of its logs;
// thread-compatible once made.
struct LayerFacts {
  explicit LayerFacts(oci::Digest layer) : digest(std::move(layer)) {}

  oci::Digest digest;                // of the blob as it lies in the registry
  std::string compression = "none";  // "gzip", "zstd", "none"
  std::uint64_t packed_bytes = 0;
  std::uint64_t unpacked_bytes = 0;
  layer::EntryLog entries;
  std::vector<PackageDatabase> databases;
  std::vector<Ownership> ownership;
  std::vector<ElfFile> elf_files;
  std::vector<OsRelease> os_releases;
  std::vector<Incomplete> incomplete;
  std::vector<Note> notes;
  TocFact toc;
};

// The store's form: one self-describing string (versioned, zstd inside). Errors of Decode:
// kIntegrity, kUnsupported (another version).
std::string EncodeFacts(const LayerFacts& facts);
Result<LayerFacts> DecodeFacts(std::string_view bytes);

}  // namespace xzgate::facts
