#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xzgate::testing {

// Fields of a tar header that a test may want to be wrong. What is left out is filled in as it
// should be.
struct TarFields {
  std::string name = {};
  char type = '0';
  std::string link = {};
  std::string prefix = {};          // ustar
  std::string size_field = {};      // 12 raw bytes instead of the octal size
  std::string checksum_field = {};  // 8 raw bytes instead of the right sum
  std::string magic = std::string(
      "ustar\0"
      "00",
      8);
  std::uint64_t size = 0;  // what the header says; AddFile and its kin set it
};

// Writes tar archives by hand, right or wrong, one verb an entry; header only. Confined to one
// thread.
//
//   const std::string layer = TarBuilder()
//       .AddDirectory("usr/lib").AddSymlink("lib", "usr/lib").AddFile("usr/lib/a.so",
//       "bytes").AddWhiteout("etc/old").Finish();
//
// Names and targets over 100 bytes go into a pax record by themselves.
class TarBuilder {
 public:
  static constexpr std::size_t kBlock = 512;
  using Records = std::vector<std::pair<std::string, std::string>>;

  TarBuilder& AddFile(std::string_view name, std::string_view content) {
    return AddEntry('0', name, "", content);
  }
  TarBuilder& AddSymlink(std::string_view name, std::string_view target) {
    return AddEntry('2', name, target, "");
  }
  TarBuilder& AddHardLink(std::string_view name, std::string_view target) {
    return AddEntry('1', name, target, "");
  }
  TarBuilder& AddDirectory(std::string_view name) {
    return AddEntry('5', std::string(name) + "/", "", "");
  }
  // "usr/bin/x" becomes "usr/bin/.wh.x".
  TarBuilder& AddWhiteout(std::string_view path) {
    const std::size_t cut = path.rfind('/') + 1;  // npos + 1 is 0
    return AddFile(std::string(path.substr(0, cut)) + ".wh." + std::string(path.substr(cut)), "");
  }
  TarBuilder& AddOpaque(std::string_view directory) {
    return AddFile(std::string(directory) + "/.wh..wh..opq", "");
  }

  // Any type, with content whatever the type.
  TarBuilder& AddEntry(char type, std::string_view name, std::string_view link,
                       std::string_view content) {
    Records records;
    if (name.size() > 100) records.emplace_back("path", name);
    if (link.size() > 100) records.emplace_back("linkpath", link);
    if (!records.empty()) AddPax(records);
    AddHeader({.name = std::string(name.substr(0, 100)),
               .type = type,
               .link = std::string(link.substr(0, 100)),
               .size = content.size()});
    return Padded(content);
  }

  // Pax records for the next entry (type 'x'), or for all that follow (type 'g').
  TarBuilder& AddPax(const Records& records, char type = 'x') {
    std::string body;
    for (const auto& [key, value] : records) body += PaxRecord(key, value);
    return AddSpecial(type, "pax", body);
  }
  TarBuilder& AddGlobalPax(const Records& records) { return AddPax(records, 'g'); }

  // A GNU long name ('L') or long link target ('K') for the next entry.
  TarBuilder& AddGnuLong(char type, std::string_view text) {
    return AddSpecial(type, "././@LongLink", std::string(text) + '\0');
  }

  // A header with a body of our choice, such as a broken pax block.
  TarBuilder& AddSpecial(char type, std::string_view name, std::string_view body) {
    AddHeader({.name = std::string(name), .type = type, .size = body.size()});
    return Padded(body);
  }

  TarBuilder& AddHeader(const TarFields& fields) { return Raw(Header(fields)); }
  TarBuilder& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  // `content` and zeros up to the next block.
  TarBuilder& Padded(std::string_view content) {
    bytes_ += content;
    bytes_.append((kBlock - content.size() % kBlock) % kBlock, '\0');
    return *this;
  }
  TarBuilder& ZeroBlocks(std::size_t count) { return Raw(std::string(count * kBlock, '\0')); }

  // What was written so far, without an end marker.
  const std::string& bytes() const { return bytes_; }
  // The archive with its end marker; the builder may go on after it (content behind the end).
  std::string Finish() { return ZeroBlocks(2).bytes_; }

  // "LENGTH KEY=VALUE\n", where LENGTH counts itself.
  static std::string PaxRecord(std::string_view key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (std::to_string(length).size() + rest != length)
      length = std::to_string(length).size() + rest;
    return std::to_string(length) + ' ' + std::string(key) + '=' + std::string(value) + '\n';
  }

  static std::string Header(const TarFields& fields) {
    std::string block(kBlock, '\0');
    const auto put = [&block](std::size_t at, std::string_view text, std::size_t width) {
      std::memcpy(block.data() + at, text.data(), text.size() < width ? text.size() : width);
    };
    put(0, fields.name, 100);
    put(100, "0000644", 8);
    put(108, "0000000", 8);
    put(116, "0000000", 8);
    put(124, fields.size_field.empty() ? Octal(fields.size, 11) : fields.size_field, 12);
    put(136, "00000000000", 12);
    block[156] = fields.type;
    put(157, fields.link, 100);
    put(257, fields.magic, 8);
    put(345, fields.prefix, 155);
    put(148, fields.checksum_field.empty() ? Checksum(block) : fields.checksum_field, 8);
    return block;
  }

  // The checksum field of `block`: the sum with spaces in its own place, six octal digits, NUL,
  // space.
  static std::string Checksum(std::string block) {
    std::memset(block.data() + 148, ' ', 8);
    std::uint64_t sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    return Octal(sum, 6) + std::string("\0 ", 2);
  }

  static std::string Octal(std::uint64_t value, std::size_t width) {
    std::string digits(width, '0');
    for (std::size_t i = width; i-- > 0; value >>= 3)
      digits[i] = static_cast<char>('0' + (value & 7));
    return digits;
  }

 private:
  std::string bytes_;
};

}  // namespace xzgate::testing
