#include "scanner/facts/elf_reader.h"

#include <algorithm>
#include <optional>

#include "base/crypto/digest.h"
#include "scanner/facts/constant_return.h"
#include "scanner/facts/elf_code.h"
#include "scanner/facts/elf_image.h"
#include "scanner/facts/hash_thread.h"
#include "scanner/facts/pattern_search.h"

namespace xzgate::facts {
namespace {

std::vector<std::string_view> PatternBytes(const Probes& probes) {
  std::vector<std::string_view> needles;
  needles.reserve(probes.patterns.size());
  for (const Pattern& pattern : probes.patterns) needles.push_back(pattern.bytes);
  return needles;
}

// A name as it stands in a string table: the NUL behind it makes the search exact.
std::vector<std::string> Terminated(const std::vector<std::string>& names) {
  std::vector<std::string> terminated;
  terminated.reserve(names.size());
  for (const std::string& name : names) terminated.push_back(name + '\0');
  return terminated;
}

}  // namespace

struct ElfExtractor::State {
  State(std::string path, const Probes& wanted, const ElfLimits& bounds, HashThread* shared)
      : probes(wanted),
        limits(bounds),
        names(Terminated(wanted.symbols)),
        patterns(PatternBytes(wanted)),
        image(bounds),
        own_hasher(shared == nullptr ? std::make_unique<HashThread>(crypto::Algorithm::kSha256)
                                     : nullptr),
        hasher(shared == nullptr ? own_hasher.get() : shared) {
    file.path = std::move(path);
  }

  void Feed(Bytes bytes);
  void SearchNames(Bytes bytes);
  void FindPatterns(ElfReading& reading) const;
  void FindSymbols(ElfReading& reading) const;
  bool HasName() const;

  const Probes& probes;
  ElfLimits limits;
  std::vector<std::string> names;
  ElfFile file;
  PatternSearch patterns;
  ElfImage image;
  std::unique_ptr<HashThread> own_hasher;
  HashThread* hasher;
  std::optional<PatternSearch>
      passed;  // names behind the head; absent while the file fits the head
};

ElfExtractor::ElfExtractor(std::string path, const Probes& probes, const ElfLimits& limits,
                           HashThread* hasher)
    : state_(std::make_unique<State>(std::move(path), probes, limits, hasher)) {}
ElfExtractor::~ElfExtractor() = default;

void ElfExtractor::Feed(Bytes bytes) {
  state_->Feed(bytes);
}

void ElfExtractor::State::Feed(Bytes bytes) {
  file.size += bytes.size();
  hasher->Update(bytes);
  patterns.Feed(bytes);
  while (!bytes.empty()) {
    const ElfWindow::Taken taken = image.window().Take(bytes);
    if (passed) passed->Feed(bytes.first(taken.bytes));
    bytes = bytes.subspan(taken.bytes);
    if (!taken.event) continue;
    if (!passed) SearchNames(image.window().head());
    image.Plan(probes.symbols, &*passed);
  }
}

// Starts the search for names that pass by, with the head's last bytes, as a name may cross its
// end.
void ElfExtractor::State::SearchNames(Bytes head) {
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  const std::size_t overlap = std::min(head.size(), longest);
  passed.emplace(std::vector<std::string_view>(names.begin(), names.end()), head.size() - overlap);
  passed->Feed(head.last(overlap));
}

ElfReading ElfExtractor::Finish() {
  State& state = *state_;
  ElfReading reading{.file = std::move(state.file), .incomplete = {}};
  reading.file.sha256 = state.hasher->FinishHex();
  state.image.Read();
  if (const auto& header = state.image.header()) {
    reading.file.is_64bit = header->fields.is_64bit();
    reading.file.is_big_endian = header->fields.is_big_endian();
    reading.file.machine = header->machine;
    reading.file.type = header->type;
    reading.file.soname = state.image.Soname();
    reading.file.build_id = state.image.BuildId();
  }
  state.FindPatterns(reading);
  state.FindSymbols(reading);
  return reading;
}

void ElfExtractor::State::FindPatterns(ElfReading& reading) const {
  const ElfCode code = image.MapCode();
  bool has_more = false;
  for (std::size_t i = 0; i < probes.patterns.size(); ++i) {
    const Pattern& pattern = probes.patterns[i];
    const PatternSearch::Hits& hits = patterns.hits(i);
    const bool is_hit = std::ranges::any_of(hits.offsets, [&code, &pattern](std::uint64_t offset) {
      return code.Holds(offset, pattern.bytes.size(), pattern.machine);
    });
    if (is_hit) reading.file.patterns.push_back(pattern.name);
    has_more = has_more || (!is_hit && hits.more);
  }
  if (has_more)
    reading.incomplete.push_back(
        {reading.file.path, "elf with too many occurrences of a pattern outside of code"});
}

void ElfExtractor::State::FindSymbols(ElfReading& reading) const {
  const SymbolSearch search = image.Symbols(probes.symbols, passed ? &*passed : nullptr);
  bool is_complete = search.is_complete || !HasName();
  for (const FoundSymbol& found : search.found) {
    ElfSymbol symbol{.name = found.name, .is_ifunc = found.is_ifunc, .constant = std::nullopt};
    if (!found.is_ifunc) {
      const std::optional<Bytes> body = image.Body(found.value);
      if (body) symbol.constant = DecodeConstantReturn(reading.file.machine, *body);
      is_complete = is_complete && body.has_value();
    }
    if (std::ranges::find(reading.file.symbols, symbol) == reading.file.symbols.end()) {
      reading.file.symbols.push_back(std::move(symbol));
    }
  }
  if (!is_complete) reading.incomplete.push_back({reading.file.path, "elf symbols beyond 16 MiB"});
}

// Whether a watched name stands anywhere in the file. Where none does, no symbol can carry it,
// whatever was not kept.
bool ElfExtractor::State::HasName() const {
  const std::string_view head = AsText(image.window().head());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (passed && (!passed->hits(i).offsets.empty() || passed->hits(i).more)) return true;
    if (head.find(names[i]) != head.npos) return true;
  }
  return false;
}

}  // namespace xzgate::facts
