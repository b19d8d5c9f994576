#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scanner/rules/judge.h"
#include "scanner/rules/version_match.h"

namespace xzgate::rules {

// The findings of one image, typed, before they become a verdict and lines for people. They borrow
// facts and pack. Values; thread-compatible.

// An installed package of a visible database that a rule speaks about.
struct PackageFinding {
  const facts::Package* package = nullptr;
  const PackageRule* rule = nullptr;
  PackageClass meaning = PackageClass::kUnrelated;
  bool is_active_library = false;  // carries the library where the payload is expected
  std::size_t layer = 0;           // 0-based
  std::string database = {};       // path of the database file

  bool IsFixed() const {
    return meaning == PackageClass::kFixedOlder || meaning == PackageClass::kFixedRebuild;
  }
};

// An ELF file that is the library, or that holds something bad.
struct FileFinding {
  const facts::ElfFile* file = nullptr;
  std::size_t layer = 0;                // 0-based
  std::vector<std::string> paths = {};  // in the merged view; empty: hidden by a higher layer
  bool is_library = false;              // by symbol, soname or name
  bool is_payload_machine = false;
  bool has_payload = false;                    // E1
  const KnownFile* known = nullptr;            // E2
  std::optional<std::uint32_t> constant = {};  // E9, E10
  bool is_bad_version = false;                 // E9
  bool is_ifunc = false;
  bool name_claims_bad = false;          // E11
  std::string incomplete = {};           // why it was not read to the end, "" when it was
  std::vector<std::string> owners = {};  // installed packages that list it
  bool is_explained = false;             // a clean rebuild (E8) owns it

  // "(x.o)" behind the path of a file that is a member of an archive, else "".
  std::string MemberSuffix() const;
  bool IsBad() const { return has_payload || known != nullptr; }
  bool IsVisible() const { return !paths.empty(); }
};

// A file that is named like a bad release and is no ELF file as far as it was read.
struct NameFinding {
  std::size_t layer = 0;
  std::string path = {};
  std::string incomplete = {};  // why it was not read, "" when it was
};

// A layer or the manifest whose digest is known to be bad (E3).
struct KnownDigest {
  const KnownFile* known = nullptr;
  std::size_t layer = 0;
  bool is_manifest = false;
  bool was_read = false;       // its files were read, so they decide
  bool bad_file_seen = false;  // ... and hold what the digest promises, visible or not
};

// Something unread that counts in the merged view (E17).
struct IncompleteFinding {
  std::size_t layer = 0;
  std::string path = {};  // "" for a layer
  std::string what = {};
  bool whole_layer_unread = false;
};

struct Findings {
  std::vector<PackageFinding> packages;
  std::vector<FileFinding> files;
  std::vector<NameFinding> names;
  std::vector<KnownDigest> known;
  std::vector<IncompleteFinding> incomplete;
  bool has_database = false;
  // Libraries of active packages whose own file lists are there: (package name).
  std::vector<std::string> listed_packages;
  std::vector<std::string> notes;
};

// Facts -> findings. Pure.
Findings Collect(const ImageFacts& image, const RulePack& pack);

// The files that are an active package's library: those it lists; where it has no list, those
// in the directories where packages put it that no other package lists. x86-64 only, visible only.
std::vector<const FileFinding*> LibraryFilesOf(const PackageFinding& package,
                                               const Findings& findings, const RulePack& pack);

}  // namespace xzgate::rules
