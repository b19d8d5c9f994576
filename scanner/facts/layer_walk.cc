#include "scanner/facts/layer_walk.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scanner/facts/database_paths.h"
#include "scanner/facts/elf_format.h"

namespace xzgate::facts {
namespace {

constexpr std::size_t kElfMagicBytes = 4;
constexpr std::size_t kMagicBytes = kArMagicBytes;  // the longest of those that matter

std::size_t CostOf(const ElfFile& file) {
  std::size_t cost = sizeof(ElfFile) + file.path.size() + file.member.size() + file.sha256.size() +
                     file.soname.size() + file.build_id.size();
  for (const ElfSymbol& symbol : file.symbols) cost += sizeof(ElfSymbol) + symbol.name.size();
  for (const std::string& pattern : file.patterns) cost += sizeof(std::string) + pattern.size();
  return cost;
}

std::size_t CostOf(const PackageDatabase& database) {
  std::size_t cost = sizeof(PackageDatabase) + database.path.size();
  for (const Package& package : database.packages) {
    cost += sizeof(Package) + package.name.size() + package.version.size() +
            package.architecture.size() + package.source.size() + package.source_version.size();
  }
  return cost;
}

}  // namespace

LayerWalk::LayerWalk(layer::TarReader& tar, const Probes& probes, const FactLimits& limits,
                     LayerFacts& facts, TocCheck* toc)
    : tar_(tar), probes_(probes), limits_(limits), facts_(facts), toc_(toc) {}

Result<void> LayerWalk::Run() {
  while (true) {
    XZGATE_ASSIGN(const std::optional<layer::TarEntry> entry, tar_.Next());
    if (!entry) return {};
    OnName(*entry);
    if (entry->entry.type == layer::EntryType::kFile) {
      XZGATE_RETURN_IF_ERROR(OnContent(*entry));
    } else if (TocCheck* toc = TocFor(*entry)) {
      toc->AddOther(entry->entry);
    }
  }
}

void LayerWalk::AddNote(std::string path, std::string what) {
  if (facts_.notes.size() < limits_.max_notes)
    facts_.notes.push_back({std::move(path), std::move(what)});
}

void LayerWalk::AddIncomplete(std::string path, std::string what) {
  if (facts_.incomplete.size() > limits_.max_notes) return;
  // A higher layer may hide every path that is kept, so the ones beyond speak for the layer.
  if (facts_.incomplete.size() == limits_.max_notes) {
    path.clear();
    what = "more than " + std::to_string(limits_.max_notes) + " files not read to the end";
  }
  facts_.incomplete.push_back({std::move(path), std::move(what)});
}

void LayerWalk::OnName(const layer::TarEntry& entry) {
  const std::string& path = entry.entry.path;
  if (!entry.oddity.empty()) AddNote(path, entry.oddity);
  if (entry.after_end)
    return AddNote(path, "behind the end of the archive: no container runtime unpacks it");
  facts_.entries.Append(entry.entry);
  if (toc_ == nullptr && path == kTocName) {
    AddNote(path, "a table of contents that the manifest does not announce: no runtime uses it");
  }
  if (IsDatabaseElsewhere(entry.entry)) {
    AddIncomplete(path, "package database is a link to " + Quote(entry.entry.target));
  }
}

// A database counts only where a package manager would find it.
std::unique_ptr<Extractor> LayerWalk::MakeDatabase(const layer::TarEntry& entry) {
  if (entry.after_end) return nullptr;
  return MakeDatabaseExtractor(DatabaseFileAt(entry.entry.path), entry.entry.path);
}

// No runtime unpacks what lies behind the end, and no table of contents names it.
TocCheck* LayerWalk::TocFor(const layer::TarEntry& entry) const {
  return entry.after_end ? nullptr : toc_;
}

Result<void> LayerWalk::OnContent(const layer::TarEntry& entry) {
  Readers readers;
  readers.database = MakeDatabase(entry);
  readers.toc = TocFor(entry);
  const bool wants_all = readers.database != nullptr || readers.toc != nullptr;
  if (entry.size < kElfMagicBytes && !wants_all) return {};
  const auto position = tar_.content_position();
  XZGATE_ASSIGN(const std::string start, ReadStart(wants_all));
  ChooseReaders(start, entry, readers);
  const bool is_binary = readers.elf || readers.archive;
  if (readers.toc != nullptr && readers.toc->MayBeTable(entry.entry) && !is_binary)
    return readers.toc->ReadTable(entry.entry, entry.size, start, tar_);
  const bool has_reader = wants_all || readers.elf || readers.archive;
  if (!has_reader) return {};
  const Result<void> fed = Feed(start, position, readers, entry.entry.path);
  if (readers.database) {
    Findings findings;
    readers.database->Finish(findings);
    KeepFindings(std::move(findings));
  }
  // A file that broke off is not the file: its digest, and where its code lies, would be false. The
  // walk ends here, and the hasher with it.
  if (!fed) return fed;
  EndContent(entry, readers);
  return {};
}

// The first bytes of a file, as many as tell what it is; none where they already tell that nobody
// wants it.
Result<std::string> LayerWalk::ReadStart(bool wants_all) {
  std::string start;
  while (start.size() < kMagicBytes) {
    XZGATE_ASSIGN(const Bytes piece, tar_.ReadView());
    if (piece.empty()) break;
    const bool is_first = start.empty() && piece.size() >= kMagicBytes;
    const bool is_wanted =
        wants_all || IsElf(piece) || IsArArchive(piece) || IsThinArArchive(piece);
    if (is_first && !is_wanted) break;  // nearly every file: nothing is copied
    start += AsText(piece);
  }
  return start;
}

void LayerWalk::ChooseReaders(const std::string& start, const layer::TarEntry& entry,
                              Readers& readers) {
  const std::string& path = entry.entry.path;
  const Bytes head = AsBytes(start);
  if (IsElf(head)) {
    readers.elf.emplace(path, probes_, ElfLimits{}, &hasher_);
  } else if (IsArArchive(head)) {
    readers.archive.emplace(path, probes_, &hasher_,
                            [this, after_end = entry.after_end](ElfReading reading) {
                              reading.file.after_end = after_end;
                              KeepElf(std::move(reading));
                            });
  } else if (IsThinArArchive(head)) {
    AddNote(path, "a thin archive, whose members are files of their own");
  }
  if (readers.toc != nullptr) readers.toc->StartFile(!readers.elf.has_value());
}

Result<void> LayerWalk::Feed(const std::string& start, std::optional<std::uint64_t> position,
                             Readers& readers, const std::string& path) {
  std::uint64_t room = limits_.max_database_bytes;
  Extractor* database = readers.database.get();
  Bytes piece = AsBytes(start);
  while (!piece.empty()) {
    if (readers.elf) readers.elf->Feed(piece);
    if (readers.archive) readers.archive->Feed(piece);
    if (readers.toc != nullptr) readers.toc->Feed(piece, position);
    if (database != nullptr) {
      database->Feed(
          piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), room))));
      if (piece.size() > room) {
        AddIncomplete(
            path, "database longer than " + std::to_string(limits_.max_database_bytes) + " bytes");
        database = nullptr;
      } else {
        room -= piece.size();
      }
    }
    const bool has_reader =
        readers.elf || readers.archive || readers.toc != nullptr || database != nullptr;
    if (!has_reader) break;
    position = tar_.content_position();
    XZGATE_ASSIGN(piece, tar_.ReadView());
  }
  return {};
}

void LayerWalk::EndContent(const layer::TarEntry& entry, Readers& readers) {
  if (readers.archive) {
    Findings findings;
    readers.archive->Finish(findings);
    KeepFindings(std::move(findings));
  }
  std::string sha256;
  if (readers.elf) {
    ElfReading reading = readers.elf->Finish();
    reading.file.after_end = entry.after_end;
    sha256 = reading.file.sha256;
    KeepElf(std::move(reading));
  }
  if (readers.toc != nullptr) readers.toc->EndFile(entry.entry, entry.size, sha256);
}

bool LayerWalk::Spend(std::size_t bytes) {
  if (spent_ + bytes <= limits_.max_fact_bytes) {
    spent_ += bytes;
    return true;
  }
  if (!has_dropped_)
    AddIncomplete("", "more facts than " + std::to_string(limits_.max_fact_bytes) + " bytes");
  has_dropped_ = true;
  return false;
}

void LayerWalk::KeepElf(ElfReading reading) {
  for (Incomplete& incomplete : reading.incomplete)
    AddIncomplete(std::move(incomplete.path), std::move(incomplete.what));
  const bool is_hit = !reading.file.patterns.empty() || !reading.file.symbols.empty();
  if (!Spend(CostOf(reading.file)) && !(is_hit && hits_beyond_++ < limits_.max_hits)) return;
  facts_.elf_files.push_back(std::move(reading.file));
}

void LayerWalk::KeepFindings(Findings findings) {
  for (Incomplete& incomplete : findings.incomplete)
    AddIncomplete(std::move(incomplete.path), std::move(incomplete.what));
  for (Note& note : findings.notes) AddNote(std::move(note.path), std::move(note.what));
  for (PackageDatabase& database : findings.databases) {
    if (Spend(CostOf(database))) facts_.databases.push_back(std::move(database));
  }
  for (Ownership& ownership : findings.ownership) {
    const std::size_t cost =
        sizeof(Ownership) + ownership.source.size() + ownership.files.bytes().size();
    if (Spend(cost)) facts_.ownership.push_back(std::move(ownership));
  }
  for (OsRelease& release : findings.os_releases) {
    if (Spend(sizeof(OsRelease) + release.id.size() + release.version_id.size()))
      facts_.os_releases.push_back(std::move(release));
  }
}

}  // namespace xzgate::facts
