// The fields of LayerFacts in the order of the struct, as facts_wire.h writes numbers, texts and
// lists. No names of fields: another order is another version (packed_facts.h), and facts of
// another version are read again from the registry.

#include <string>
#include <string_view>
#include <vector>

#include "scanner/facts/facts_wire.h"
#include "scanner/facts/layer_facts.h"
#include "scanner/facts/packed_facts.h"

namespace xzgate::facts {
namespace {

void WriteLog(Writer& out, const layer::EntryLog& log) {
  out.Number(log.count());
  out.Text(log.bytes());
}

layer::EntryLog ReadLog(Reader& in) {
  const std::uint64_t count = in.Number();
  return layer::EntryLog::FromBytes(in.Text(), count);
}

DatabaseKind ReadKind(Reader& in) {
  const std::uint64_t kind = in.Number();
  if (kind > static_cast<std::uint64_t>(DatabaseKind::kApk)) in.Fail();
  return in.failed() ? DatabaseKind::kDpkg : static_cast<DatabaseKind>(kind);
}

void WritePackage(Writer& out, const Package& package) {
  for (const std::string* text : {&package.name, &package.version, &package.architecture,
                                  &package.source, &package.source_version}) {
    out.Text(*text);
  }
  out.Flag(package.installed);
}

Package ReadPackage(Reader& in) {
  Package package;
  for (std::string* text : {&package.name, &package.version, &package.architecture, &package.source,
                            &package.source_version}) {
    *text = in.Text();
  }
  package.installed = in.Flag();
  return package;
}

void WriteElf(Writer& out, const ElfFile& file) {
  out.Text(file.path);
  out.Text(file.member);
  out.Number(file.size);
  out.Text(file.sha256);
  out.Flag(file.is_64bit);
  out.Flag(file.is_big_endian);
  out.Number(file.machine);
  out.Number(file.type);
  out.Text(file.soname);
  out.Text(file.build_id);
  out.Each(file.symbols, [&out](const ElfSymbol& symbol) {
    out.Text(symbol.name);
    out.Flag(symbol.is_ifunc);
    out.Flag(symbol.constant.has_value());
    out.Number(symbol.constant.value_or(0));
  });
  out.Each(file.patterns, [&out](const std::string& pattern) { out.Text(pattern); });
  out.Flag(file.after_end);
}

ElfFile ReadElf(Reader& in) {
  ElfFile file;
  file.path = in.Text();
  file.member = in.Text();
  file.size = in.Number();
  file.sha256 = in.Text();
  file.is_64bit = in.Flag();
  file.is_big_endian = in.Flag();
  file.machine = in.Narrow<std::uint16_t>();
  file.type = in.Narrow<std::uint16_t>();
  file.soname = in.Text();
  file.build_id = in.Text();
  in.Each(file.symbols, [&in] {
    ElfSymbol symbol;
    symbol.name = in.Text();
    symbol.is_ifunc = in.Flag();
    const bool has_constant = in.Flag();
    const auto constant = in.Narrow<std::uint32_t>();
    if (has_constant) symbol.constant = constant;
    return symbol;
  });
  in.Each(file.patterns, [&in] { return in.Text(); });
  file.after_end = in.Flag();
  return file;
}

// Incomplete and Note.
template <typename Remark>
void WriteRemarks(Writer& out, const std::vector<Remark>& remarks) {
  out.Each(remarks, [&out](const Remark& remark) {
    out.Text(remark.path);
    out.Text(remark.what);
  });
}
template <typename Remark>
void ReadRemarks(Reader& in, std::vector<Remark>& remarks) {
  in.Each(remarks, [&in] {
    std::string path = in.Text();
    return Remark{std::move(path), in.Text()};
  });
}

void WriteFacts(Writer& out, const LayerFacts& facts) {
  out.Text(facts.digest.ToString());
  out.Text(facts.compression);
  out.Number(facts.packed_bytes);
  out.Number(facts.unpacked_bytes);
  WriteLog(out, facts.entries);
  out.Each(facts.databases, [&out](const PackageDatabase& database) {
    out.Number(static_cast<std::uint64_t>(database.kind));
    out.Text(database.path);
    out.Each(database.packages, [&out](const Package& package) { WritePackage(out, package); });
  });
  out.Each(facts.ownership, [&out](const Ownership& ownership) {
    out.Number(static_cast<std::uint64_t>(ownership.kind));
    out.Text(ownership.source);
    WriteLog(out, ownership.files);
  });
  out.Each(facts.elf_files, [&out](const ElfFile& file) { WriteElf(out, file); });
  out.Each(facts.os_releases, [&out](const OsRelease& release) {
    out.Text(release.path);
    out.Text(release.id);
    out.Text(release.version_id);
  });
  WriteRemarks(out, facts.incomplete);
  WriteRemarks(out, facts.notes);
  out.Text(facts.toc.announced);
  out.Flag(facts.toc.is_incomplete);
}

void ReadFacts(Reader& in, LayerFacts& facts) {
  facts.compression = in.Text();
  facts.packed_bytes = in.Number();
  facts.unpacked_bytes = in.Number();
  facts.entries = ReadLog(in);
  in.Each(facts.databases, [&in] {
    PackageDatabase database;
    database.kind = ReadKind(in);
    database.path = in.Text();
    in.Each(database.packages, [&in] { return ReadPackage(in); });
    return database;
  });
  in.Each(facts.ownership, [&in] {
    Ownership ownership;
    ownership.kind = ReadKind(in);
    ownership.source = in.Text();
    ownership.files = ReadLog(in);
    return ownership;
  });
  in.Each(facts.elf_files, [&in] { return ReadElf(in); });
  in.Each(facts.os_releases, [&in] {
    OsRelease release;
    release.path = in.Text();
    release.id = in.Text();
    release.version_id = in.Text();
    return release;
  });
  ReadRemarks(in, facts.incomplete);
  ReadRemarks(in, facts.notes);
  facts.toc.announced = in.Text();
  facts.toc.is_incomplete = in.Flag();
}

}  // namespace

std::string EncodeFacts(const LayerFacts& facts) {
  Writer out;
  WriteFacts(out, facts);
  return PackFacts(out.bytes);
}

Result<LayerFacts> DecodeFacts(std::string_view bytes) {
  XZGATE_ASSIGN(const std::string raw, UnpackFacts(bytes));
  Reader in(raw);
  const auto digest = oci::Digest::Parse(in.Text());
  if (!digest) return Integrity("stored facts: " + digest.error().message());
  LayerFacts facts(*digest);
  ReadFacts(in, facts);
  if (in.failed() || !in.at_end()) return Integrity("stored facts: damaged");
  return facts;
}

}  // namespace xzgate::facts
