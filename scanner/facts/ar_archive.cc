#include "scanner/facts/ar_archive.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "scanner/facts/elf_format.h"

namespace xzgate::facts {
namespace {

// ar.h: struct ar_hdr; the long names of GNU ("/123" points into "//") and BSD ("#1/20": the name
// is the first 20 bytes of the content).
constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::string_view kThinMagic = "!<thin>\n";
constexpr std::size_t kHeaderBytes = 60;
constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kSizeAt = 48;
constexpr std::size_t kSizeBytes = 10;
constexpr std::string_view kHeaderEnd = "`\n";
constexpr std::string_view kNameTable = "//";
constexpr std::string_view kBsdPrefix = "#1/";
constexpr std::uint64_t kMaxBsdName = 4096;
constexpr std::size_t kElfMagicBytes = 4;

std::string_view TrimField(std::string_view field) {
  const auto last = field.find_last_not_of(' ');
  return last == field.npos ? std::string_view() : field.substr(0, last + 1);
}

}  // namespace

bool IsArArchive(Bytes head) {
  return AsText(head).starts_with(kMagic);
}
bool IsThinArArchive(Bytes head) {
  return AsText(head).starts_with(kThinMagic);
}

struct ArArchive::State {
  State(std::string file, const Probes& asked, HashThread* shared,
        std::function<void(ElfReading)> keep, const ArLimits& bounds)
      : path(std::move(file)),
        probes(asked),
        hasher(shared),
        found(std::move(keep)),
        limits(bounds) {}

  // kHeader collects the magic, too.
  enum class Step : std::uint8_t { kHeader, kBsdName, kNameTable, kContent, kOver };

  std::size_t Take(Bytes bytes);  // how many of them
  void OnHeader();
  void OnContent(Bytes bytes);
  void EndMember();
  std::string NameOf(std::string_view field) const;
  void Stop(std::string what, bool is_limit);

  std::string path;
  const Probes& probes;
  HashThread* hasher;
  std::function<void(ElfReading)> found;
  ArLimits limits;

  Step step = Step::kHeader;
  std::string collected;                 // of the magic, a header, a BSD name or a member's start
  std::uint64_t wanted = kMagic.size();  // bytes that `collected` waits for
  std::uint64_t left = 0;                // of the member's content
  bool is_padded = false;                // a byte follows the content
  bool has_magic = false;
  std::size_t members = 0;
  std::string name;
  std::string names;  // GNU's table
  std::optional<ElfExtractor> elf;
  bool is_other = false;  // the member's start was seen, and it is no ELF file
  Findings findings;
};

ArArchive::ArArchive(std::string path, const Probes& probes, HashThread* hasher,
                     std::function<void(ElfReading)> found, const ArLimits& limits)
    : state_(std::make_unique<State>(std::move(path), probes, hasher, std::move(found), limits)) {}
ArArchive::~ArArchive() = default;

void ArArchive::Feed(Bytes bytes) {
  while (!bytes.empty() && state_->step != State::Step::kOver) {
    bytes = bytes.subspan(state_->Take(bytes));
  }
}

void ArArchive::Finish(Findings& findings) {
  State& state = *state_;
  const bool is_cut =
      state.step == State::Step::kHeader ? !state.collected.empty() : state.left > 0;
  if (state.step != State::Step::kOver) {
    if (state.step == State::Step::kContent) state.EndMember();
    if (is_cut) state.Stop("is cut short", false);
  }
  for (Incomplete& incomplete : state.findings.incomplete)
    findings.incomplete.push_back(std::move(incomplete));
  for (Note& note : state.findings.notes) findings.notes.push_back(std::move(note));
}

void ArArchive::State::Stop(std::string what, bool is_limit) {
  what = "archive of members " + what;
  if (is_limit) {
    findings.incomplete.push_back({path, std::move(what)});
  } else {
    findings.notes.push_back({path, std::move(what)});
  }
  step = Step::kOver;
}

std::size_t ArArchive::State::Take(Bytes bytes) {
  if (step == Step::kContent || step == Step::kNameTable) {
    const Bytes part =
        bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left)));
    left -= part.size();
    if (step == Step::kContent) OnContent(part);
    if (step == Step::kNameTable)
      names += AsText(part).substr(0, limits.max_name_bytes - names.size());
    if (left == 0) EndMember();
    return part.size();
  }
  if (step == Step::kHeader && is_padded) {
    is_padded = false;
    return 1;
  }
  const Bytes part = bytes.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), wanted - collected.size())));
  collected += AsText(part);
  if (step == Step::kBsdName) left -= part.size();
  if (collected.size() < wanted) return part.size();
  if (step == Step::kBsdName) {
    name = collected.substr(0, collected.find('\0'));
    collected.clear();
    step = Step::kContent;
    if (left == 0) EndMember();
  } else if (!has_magic) {
    has_magic = true;
    collected.clear();
    wanted = kHeaderBytes;
  } else {
    OnHeader();
  }
  return part.size();
}

void ArArchive::State::OnHeader() {
  const std::string header = std::exchange(collected, {});
  const std::string_view text = header;
  const auto size = ParseUint(TrimField(text.substr(kSizeAt, kSizeBytes)));
  if (!size || !text.ends_with(kHeaderEnd)) return Stop("has a damaged header", false);
  if (++members > limits.max_members) {
    return Stop("has more than " + std::to_string(limits.max_members) + " of them", true);
  }
  left = *size;
  is_padded = *size % 2 == 1;
  const std::string_view field = TrimField(text.substr(0, kNameBytes));
  step = field == kNameTable ? Step::kNameTable : Step::kContent;
  if (field == kNameTable) names.clear();
  name = NameOf(field);
  if (field.starts_with(kBsdPrefix)) {
    const auto length = ParseUint(field.substr(kBsdPrefix.size()));
    if (!length || *length > left || *length > kMaxBsdName)
      return Stop("has a damaged name", false);
    wanted = *length;
    if (wanted > 0) step = Step::kBsdName;
  }
  if (left == 0) EndMember();
}

// "name/" and "/123" are GNU's, "name" is BSD's.
std::string ArArchive::State::NameOf(std::string_view field) const {
  const auto offset = field.starts_with('/') ? ParseUint(field.substr(1)) : std::nullopt;
  if (!offset && field.size() > 1 && field.ends_with('/')) field.remove_suffix(1);
  if (!offset || *offset >= names.size()) return std::string(field);
  const std::string_view rest = std::string_view(names).substr(static_cast<std::size_t>(*offset));
  std::string_view line = rest.substr(0, std::min(rest.find('\n'), std::size_t{kMaxBsdName}));
  if (line.ends_with('/')) line.remove_suffix(1);
  return std::string(line);
}

void ArArchive::State::OnContent(Bytes bytes) {
  if (is_other) return;
  if (elf) return elf->Feed(bytes);
  const std::size_t count = std::min(bytes.size(), kElfMagicBytes - collected.size());
  collected += AsText(bytes.first(count));
  if (collected.size() < kElfMagicBytes) return;
  if (!IsElf(AsBytes(collected))) {
    is_other = true;
    return;
  }
  elf.emplace(path, probes, ElfLimits{}, hasher);
  elf->Feed(AsBytes(collected));
  elf->Feed(bytes.subspan(count));
}

void ArArchive::State::EndMember() {
  if (elf) {
    ElfReading reading = elf->Finish();
    elf.reset();
    reading.file.member = name;
    for (Incomplete& incomplete : reading.incomplete)
      incomplete.what += " in member " + Quote(name);
    if (!reading.file.patterns.empty() || !reading.incomplete.empty()) found(std::move(reading));
  }
  is_other = false;
  collected.clear();
  wanted = kHeaderBytes;
  step = Step::kHeader;
}

}  // namespace xzgate::facts
