#include "base/log/logger.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/log/line.h"
#include "base/text.h"

namespace xzgate::log {
namespace {

// spdlog puts the time in front (UTC, RFC 3339) and writes the line in one call under its lock.
constexpr char kJsonPattern[] = "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v";
constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%eZ %v";

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class StderrLogger final : public Logger {
 public:
  StderrLogger(Format format, Level least)
      : format_(format),
        least_(least),
        spdlog_("xzgate", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    spdlog_.set_level(spdlog::level::trace);
    spdlog_.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        format == Format::kJson ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc));
  }

  bool IsEnabled(Level level) const override { return level >= least_; }

  void Write(Level level, std::string_view event, std::initializer_list<Field> fields) override {
    if (!IsEnabled(level)) return;
    const std::string line =
        format_ == Format::kJson ? JsonLine(level, event, fields) : TextLine(level, event, fields);
    spdlog_.log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  const Format format_;
  const Level least_;
  spdlog::logger spdlog_;
};

class NullLogger final : public Logger {
 public:
  bool IsEnabled(Level) const override { return false; }
  void Write(Level, std::string_view, std::initializer_list<Field>) override {}
};

}  // namespace

std::unique_ptr<Logger> MakeStderrLogger(Format format, Level least) {
  return std::make_unique<StderrLogger>(format, least);
}

std::unique_ptr<Logger> MakeNullLogger() {
  return std::make_unique<NullLogger>();
}

Result<Level> ParseLevel(std::string_view text) {
  if (text == "debug") return Level::kDebug;
  if (text == "info") return Level::kInfo;
  if (text == "warning") return Level::kWarning;
  if (text == "error") return Level::kError;
  return InvalidArgument("log level " + Quote(text) + ": want debug, info, warning or error");
}

Result<Format> ParseFormat(std::string_view text) {
  if (text == "text") return Format::kText;
  if (text == "json") return Format::kJson;
  return InvalidArgument("log format " + Quote(text) + ": want text or json");
}

}  // namespace xzgate::log
