#include "base/log/line.h"

#include <algorithm>

#include "base/json/value.h"
#include "base/text.h"

namespace xzgate::log {
namespace {

std::string_view JsonName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

std::string_view TextName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "DEBUG";
    case Level::kInfo:
      return "INFO";
    case Level::kWarning:
      return "WARNING";
    case Level::kError:
      return "ERROR";
  }
  return "ERROR";
}

json::Value ToJson(const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    return Truncate(*text, kMaxValueBytes);
  }
  return std::visit([](const auto& value) { return json::Value(value); }, field.value);
}

// Whether a text value can stand without quotes: nothing in it that separates, quotes or needs an
// escape.
bool IsBare(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '=';
  });
}

std::string ToText(const Field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  if (text == nullptr) return json::Encode(ToJson(field));
  if (text->size() <= kMaxValueBytes && IsBare(*text)) return std::string(*text);
  return Quote(*text, kMaxValueBytes);
}

}  // namespace

std::string JsonLine(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "\"level\":\"" + std::string(JsonName(level)) + "\",\"event\":";
  line += json::Encode(event);
  for (const Field& field : fields) {
    line += ',' + json::Encode(field.key) + ':' + json::Encode(ToJson(field));
  }
  return line + '}';
}

std::string TextLine(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = std::string(TextName(level)) + ' ' + Escape(event);
  for (const Field& field : fields) {
    line += ' ' + Escape(field.key) + '=' + ToText(field);
  }
  return line;
}

}  // namespace xzgate::log
