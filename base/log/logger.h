#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace xzgate::log {

// What each level means is style rule 38: error = we failed, warning = they sent something bad or a
// peer failed, info = life cycle and denials, debug = steps.
enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class Format : std::uint8_t { kText, kJson };

struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, int v) : key(k), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view k, std::int64_t v) : key(k), value(v) {}
  Field(std::string_view k, std::uint64_t v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
};

// Writes one structured line an event. Implementations are thread-safe and never block on more than
// the write itself.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual bool IsEnabled(Level level) const = 0;
  // `event` is a short fixed text ("image denied"); everything variable is a field. Values are
  // escaped and cut at 4 KiB.
  virtual void Write(Level level, std::string_view event, std::initializer_list<Field> fields) = 0;

  void Debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (IsEnabled(Level::kDebug)) Write(Level::kDebug, event, fields);
  }
  void Info(std::string_view event, std::initializer_list<Field> fields = {}) {
    Write(Level::kInfo, event, fields);
  }
  void Warning(std::string_view event, std::initializer_list<Field> fields = {}) {
    Write(Level::kWarning, event, fields);
  }
  void Error(std::string_view event, std::initializer_list<Field> fields = {}) {
    Write(Level::kError, event, fields);
  }
};

// Logs to standard error through spdlog: JSON lines {"time","level","event",...} or text "time
// LEVEL event key=value".
std::unique_ptr<Logger> MakeStderrLogger(Format format, Level least);

// Drops everything: for tests and the quiet command line.
std::unique_ptr<Logger> MakeNullLogger();

// Parse "debug|info|warning|error", "text|json". Errors: kInvalidArgument.
Result<Level> ParseLevel(std::string_view text);
Result<Format> ParseFormat(std::string_view text);

}  // namespace xzgate::log
