#pragma once

#include <string>
#include <string_view>

namespace xzgate::testing {

// Writes archives of `ar` by hand, right or wrong. Confined to one thread.
class ArBuilder {
 public:
  // A member with the name field as it is given: "a.o/" is GNU's way, "a.o" BSD's.
  ArBuilder& Add(std::string_view name, std::string_view content) {
    return AddHeader(name, std::to_string(content.size()))
        .Raw(content)
        .Raw(content.size() % 2 == 1 ? "\n" : "");
  }
  // BSD's long names: the name is the front of the content.
  ArBuilder& AddBsd(std::string_view name, std::string_view content) {
    return Add("#1/" + std::to_string(name.size()), std::string(name) + std::string(content));
  }
  ArBuilder& AddHeader(std::string_view name, std::string_view size, std::string_view end = "`\n") {
    const auto pad = [](std::string_view text, std::size_t width) {
      std::string field(text);
      field.resize(width, ' ');
      return field;
    };
    bytes_ += pad(name, 16) + pad("0", 12) + pad("0", 6) + pad("0", 6) + pad("644", 8) +
              pad(size, 10) + std::string(end);
    return *this;
  }
  ArBuilder& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = "!<arch>\n";
};

}  // namespace xzgate::testing
