#pragma once

#include <cassert>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace xzgate::yaml {

// Everything found wrong in one or more files, so that a person mends all of it in one go. Confined
// to one thread.
class Problems {
 public:
  // "FILE:LINE:COLUMN: PATH: message".
  void Add(std::string text) { list_.push_back(std::move(text)); }
  bool empty() const { return list_.empty(); }
  const std::vector<std::string>& list() const { return list_; }
  // kInvalidArgument with every problem on a line of its own.
  Error ToError() const;

 private:
  std::vector<std::string> list_;
};

// A node of a document read by yaml-cpp and checked: no anchors, aliases, tags, merge or duplicate
// keys, depth <= 32, <= 4,096 nodes,
// <= 256 KiB. (hardening.md section 6; a rule pack may ask for more nodes.) Cheap to copy; knows
// its file, line and path.
class Node {
 public:
  bool IsMapping() const;
  bool IsSequence() const;
  bool IsScalar() const;
  bool IsNull() const;

  const std::string& scalar() const;       // "" unless a scalar
  const std::vector<Node>& items() const;  // empty unless a sequence
  const std::vector<std::pair<std::string, Node>>& members()
      const;  // empty unless a mapping; in file order
  const Node* Find(std::string_view key) const;
  // Whether a scalar stands without quotes: `true` is a bool, `"true"` is text.
  bool IsPlain() const;

  // "policy.yaml:12:5: spec.rules[0].mode".
  std::string Where() const;
  // The same with the place of the key that names this node, where it has one.
  std::string WhereKey() const;
  // Adds "WHERE: message" to `problems`.
  void Complain(Problems& problems, std::string_view message) const;

  struct Data;
  explicit Node(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};

struct Limits {
  std::size_t max_bytes = 256 * 1024;
  std::size_t max_nodes = 4096;
  std::size_t max_depth = 32;
};

// Reads all documents of one YAML text ("---" separated; empty ones are skipped). `file` names it
// in messages. Problems of syntax, limits, duplicate keys, anchors and aliases are added to
// `problems`; what could be read is returned.
std::vector<Node> ReadDocuments(std::string_view text, std::string_view file, const Limits& limits,
                                Problems& problems);

// Reads a mapping field by field into a struct. Finish() must be called at the end: without it
// unknown keys pass; only after a problem may a reader give up before. Each reader leaves `out`
// alone when the key is missing (Optional) and adds a problem for a wrong type or a missing
// required key. Confined to one thread; borrows `node` and `problems`.
class Mapping {
 public:
  Mapping(const Node& node,
          Problems& problems);  // adds a problem when `node` is no mapping; then behaves as empty
  ~Mapping() { assert(finished_ || !problems_.empty()); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  void Required(std::string_view key, std::string& out);
  void Optional(std::string_view key, std::string& out);
  void Optional(std::string_view key, bool& out);  // true|false only
  void Optional(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
  void Optional(std::string_view key, std::vector<std::string>& out);
  // A duration: a number and one of ms, s, m, h, d ("250ms", "90s"); in milliseconds.
  void OptionalDuration(std::string_view key, std::int64_t& out_ms, std::int64_t min_ms,
                        std::int64_t max_ms);
  // A size: a number, alone (bytes) or with KiB, MiB, GiB.
  void OptionalBytes(std::string_view key, std::uint64_t& out, std::uint64_t min,
                     std::uint64_t max);
  // One of `words`; `out` becomes its index.
  void OptionalWord(std::string_view key, const std::vector<std::string_view>& words,
                    std::size_t& out);

  // The raw node, marked as known; null when missing.
  const Node* Take(std::string_view key, bool required = false);
  // Calls `read` with the mapping named `key`, when present, and finishes it.
  void Section(std::string_view key, const std::function<void(Mapping&)>& read);
  // Calls `read` for each mapping of the sequence named `key`.
  void Each(std::string_view key, const std::function<void(Mapping&)>& read);

  // Of a key that is not known here and that people write here all the same: what to say when it is
  // there. Finish() says it.
  void Misplaced(std::string_view key, std::string_view hint) {
    misplaced_.emplace_back(key, hint);
  }

  // Adds a problem for each key that nobody asked for, with the nearest known key as a hint.
  void Finish();

  const Node& node() const { return node_; }
  Problems& problems() { return problems_; }

 private:
  const Node& node_;
  Problems& problems_;
  std::vector<std::string> known_;
  std::vector<std::pair<std::string, std::string>> misplaced_;  // keys with their hints
  bool finished_ = false;
};

}  // namespace xzgate::yaml
