#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/byte_source.h"
#include "base/json/value.h"
#include "base/result.h"

namespace xzgate::json {

// What a foreign document may cost. hardening.md section 6: depth is bounded before any tree
// exists.
struct Limits {
  std::size_t max_bytes = 4 * 1024 * 1024;
  std::size_t max_depth = 32;
  std::size_t max_values = 200'000;
  // Refuse keys of one object that differ only in ASCII case (two readers would take different
  // ones).
  bool refuse_case_variants = false;
  // What the keys of all open objects cost in memory (they are kept until their object ends, to
  // find equal ones).
  std::size_t max_key_memory = SIZE_MAX;
  // Of a document that is read from a stream: the longest text or number.
  std::size_t max_token_bytes = 1024 * 1024;
};

// Receives a document's parts in order. A callback returns false to stop reading (Scan then returns
// kInvalidArgument with the text of its own choice through `stop_reason`). Strings live only for
// the call.
class Events {
 public:
  virtual ~Events() = default;
  virtual bool StartObject() = 0;
  virtual bool Key(std::string_view key) = 0;
  virtual bool EndObject() = 0;
  virtual bool StartArray() = 0;
  virtual bool EndArray() = 0;
  virtual bool String(std::string_view text) = 0;
  virtual bool Integer(std::int64_t n) = 0;
  virtual bool Unsigned(std::uint64_t n) = 0;  // only above int64's range
  virtual bool Double(double n) = 0;
  virtual bool Bool(bool b) = 0;
  virtual bool Null() = 0;
  // Why a callback stopped the reading.
  virtual std::string_view stop_reason() const { return "refused"; }
};

// Reads `text` to the end and tells `events`. Errors, each with the path of the offence (as
// `$.spec.containers[2].image`) where there is one: kResourceExhausted for a limit;
// kInvalidArgument for syntax, bytes after the document, a byte order mark, invalid UTF-8, a
// duplicate key, a whole number beyond 64 bits, or a stop by `events`. Never recurses; never
// throws.
Result<void> Scan(std::string_view text, const Limits& limits, Events& events);

// The same of a document that comes as a stream and is never in memory as a whole: what is, is one
// token and the keys of the open objects. Reads `source` to its end unless the document is refused.
// Errors: also those of the source.
Result<void> Scan(ByteSource& source, const Limits& limits, Events& events);

// Reads `text` into a tree, with the errors of Scan. `what` names the document in messages.
Result<Value> Parse(std::string_view text, const Limits& limits, std::string_view what);

}  // namespace xzgate::json
