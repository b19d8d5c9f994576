#include <fmt/format.h>

#include <cassert>
#include <cmath>
#include <iterator>

#include "base/json/value.h"
#include "base/text.h"

namespace xzgate::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The number of a character of at most three bytes, as every control is (RFC 3629, section 3).
unsigned CodePoint(std::string_view character) {
  assert(character.size() <= 3);
  const unsigned first_bits[] = {0x7F, 0x1F, 0x0F};
  unsigned code = static_cast<unsigned char>(character[0]) & first_bits[character.size() - 1];
  for (const char c : character.substr(1))
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

// Writes a tree in one pass; recurses as deep as the tree, which is ours or was bounded by the
// reader.
class Encoder {
 public:
  Encoder(std::string& out, int indent) : out_(out), indent_(indent) {}

  void Write(const Value& value) {
    if (const bool* flag = value.AsBool()) {
      out_ += *flag ? "true" : "false";
    } else if (const auto whole = value.AsInt()) {
      fmt::format_to(std::back_inserter(out_), "{}", *whole);
    } else if (const auto big = value.AsUint()) {
      fmt::format_to(std::back_inserter(out_), "{}", *big);
    } else if (const auto number = value.AsDouble()) {
      WriteDouble(*number);
    } else if (const std::string* text = value.AsString()) {
      WriteString(*text);
    } else if (const Array* array = value.AsArray()) {
      WriteArray(*array);
    } else if (const Object* object = value.AsObject()) {
      WriteObject(*object);
    } else {
      out_ += "null";
    }
  }

 private:
  // The shortest digits that read back as the same double, marked as no whole number. JSON knows no
  // NaN or infinity.
  void WriteDouble(double number) {
    if (!std::isfinite(number)) {
      out_ += "null";
      return;
    }
    const std::string digits = fmt::format("{}", number);
    out_ += digits;
    if (digits.find_first_of(".e") == digits.npos) out_ += ".0";
  }

  // RFC 8259, section 7.
  void WriteString(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      const std::size_t length = Utf8Length(text);
      if (length == 0) {
        out_ += kReplacement;
      } else {
        WriteCharacter(text.substr(0, length));
      }
      text.remove_prefix(length == 0 ? 1 : length);
    }
    out_ += '"';
  }

  // What IsControl knows is escaped too: a log line may end on a terminal.
  void WriteCharacter(std::string_view character) {
    switch (character.front()) {
      case '"':
        out_ += "\\\"";
        return;
      case '\\':
        out_ += "\\\\";
        return;
      case '\n':
        out_ += "\\n";
        return;
      case '\r':
        out_ += "\\r";
        return;
      case '\t':
        out_ += "\\t";
        return;
      default:
        break;
    }
    if (IsControl(character)) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", CodePoint(character));
    } else {
      out_ += character;
    }
  }

  void WriteArray(const Array& array) {
    out_ += '[';
    ++depth_;
    for (const Value& item : array) {
      StartItem(&item == &array.front());
      Write(item);
    }
    Close(array.empty(), ']');
  }

  void WriteObject(const Object& object) {
    out_ += '{';
    ++depth_;
    for (const Member& member : object) {
      StartItem(&member == &object.front());
      WriteString(member.first);
      out_ += indent_ > 0 ? ": " : ":";
      Write(member.second);
    }
    Close(object.empty(), '}');
  }

  void StartItem(bool first) {
    if (!first) out_ += ',';
    BreakLine();
  }

  void Close(bool empty, char bracket) {
    --depth_;
    if (!empty) BreakLine();
    out_ += bracket;
  }

  void BreakLine() {
    if (indent_ <= 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_) * depth_, ' ');
  }

  std::string& out_;
  int indent_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string Encode(const Value& value, int indent) {
  std::string out;
  Encoder(out, indent).Write(value);
  return out;
}

}  // namespace xzgate::json
