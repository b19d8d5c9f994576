#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/text.h"
#include "base/yaml/document.h"
#include "base/yaml/units.h"

namespace xzgate::yaml {
namespace {

// Longer names are nobody's typing error, and comparing them costs time.
constexpr std::size_t kMaxHintBytes = 64;
constexpr std::size_t kMaxHintEdits = 2;

// What stands there, for the end of a message.
std::string Found(const Node& node) {
  if (node.IsMapping()) return "found a mapping";
  if (node.IsSequence()) return "found a list";
  if (node.IsNull()) return "found nothing";
  return (node.IsPlain() ? "found " : "found text ") + Quote(node.scalar(), kMaxHintBytes);
}

void Refuse(const Node& node, Problems& problems, const std::string& want) {
  node.Complain(problems, "want " + want + ", " + Found(node));
}

// Single-byte edits that turn one name into the other (one row of the usual table).
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// The known name that the writer may have meant, or nothing.
std::string Nearest(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  if (name.size() > kMaxHintBytes) return best;
  std::size_t least = std::min(kMaxHintEdits, name.size() / 2) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = EditDistance(ToLower(name), ToLower(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::optional<std::int64_t> ParseInt(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "enforce, warn or audit".
std::string Choices(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace

Mapping::Mapping(const Node& node, Problems& problems) : node_(node), problems_(problems) {
  if (!node.IsMapping()) Refuse(node, problems, "a mapping");
}

const Node* Mapping::Take(std::string_view key, bool required) {
  known_.emplace_back(key);
  const Node* found = node_.Find(key);
  if (found == nullptr && required && node_.IsMapping()) {
    node_.Complain(problems_, "key " + Quote(key) + " is missing");
  }
  return found;
}

void Mapping::Required(std::string_view key, std::string& out) {
  const Node* found = Take(key, true);
  if (found == nullptr) return;
  if (!found->IsScalar() || found->scalar().empty()) {
    return Refuse(*found, problems_, "text that is not empty");
  }
  out = found->scalar();
}

void Mapping::Optional(std::string_view key, std::string& out) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  if (!found->IsScalar()) return Refuse(*found, problems_, "text");
  out = found->scalar();
}

void Mapping::Optional(std::string_view key, bool& out) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  if (!found->IsPlain() || (found->scalar() != "true" && found->scalar() != "false")) {
    return Refuse(*found, problems_, "true or false");
  }
  out = found->scalar() == "true";
}

void Mapping::Optional(std::string_view key, std::int64_t& out, std::int64_t min,
                       std::int64_t max) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  const auto number = found->IsPlain() ? ParseInt(found->scalar()) : std::nullopt;
  if (!number || *number < min || *number > max) {
    return Refuse(*found, problems_,
                  "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  out = *number;
}

void Mapping::Optional(std::string_view key, std::vector<std::string>& out) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  if (!found->IsSequence()) return Refuse(*found, problems_, "a list of text");
  std::vector<std::string> texts;
  for (const Node& item : found->items()) {
    if (item.IsScalar()) {
      texts.push_back(item.scalar());
    } else {
      Refuse(item, problems_, "text");
    }
  }
  out = std::move(texts);
}

void Mapping::OptionalDuration(std::string_view key, std::int64_t& out_ms, std::int64_t min_ms,
                               std::int64_t max_ms) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  const auto ms = ParseDuration(found->scalar());
  if (!ms || *ms < min_ms || *ms > max_ms) {
    return Refuse(*found, problems_,
                  "a duration (a whole number with ms, s, m, h or d) from " +
                      FormatDuration(min_ms) + " to " + FormatDuration(max_ms));
  }
  out_ms = *ms;
}

void Mapping::OptionalBytes(std::string_view key, std::uint64_t& out, std::uint64_t min,
                            std::uint64_t max) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  const auto bytes = ParseBytes(found->scalar());
  if (!bytes || *bytes < min || *bytes > max) {
    return Refuse(*found, problems_,
                  "a size (bytes, or a whole number with KiB, MiB or GiB) from " +
                      FormatBytes(min) + " to " + FormatBytes(max));
  }
  out = *bytes;
}

void Mapping::OptionalWord(std::string_view key, const std::vector<std::string_view>& words,
                           std::size_t& out) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  const auto word = std::find(words.begin(), words.end(), found->scalar());
  if (!found->IsScalar() || word == words.end()) {
    return Refuse(*found, problems_, Choices(words));
  }
  out = static_cast<std::size_t>(word - words.begin());
}

void Mapping::Section(std::string_view key, const std::function<void(Mapping&)>& read) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  Mapping section(*found, problems_);
  if (!found->IsMapping()) return;
  read(section);
  section.Finish();
}

void Mapping::Each(std::string_view key, const std::function<void(Mapping&)>& read) {
  const Node* found = Take(key);
  if (found == nullptr) return;
  if (!found->IsSequence()) return Refuse(*found, problems_, "a list of mappings");
  for (const Node& item : found->items()) {
    Mapping entry(item, problems_);
    if (!item.IsMapping()) continue;
    read(entry);
    entry.Finish();
  }
}

void Mapping::Finish() {
  finished_ = true;
  for (const auto& [key, value] : node_.members()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    std::string message = value.WhereKey() + ": unknown key";
    const auto misplaced =
        std::ranges::find(misplaced_, key, &std::pair<std::string, std::string>::first);
    if (misplaced != misplaced_.end()) {
      message += ": " + misplaced->second;
    } else if (const std::string hint = Nearest(key, known_); !hint.empty()) {
      message += "; did you mean " + Quote(hint) + "?";
    }
    problems_.Add(std::move(message));
  }
}

}  // namespace xzgate::yaml
