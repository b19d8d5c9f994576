#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/facts/findings.h"
#include "scanner/facts/line_reader.h"
#include "scanner/facts/problems.h"

namespace xzgate::facts {

// Limits of one dpkg or apk database (hardening.md 8.4); all of Debian has some 70,000 packages.
inline constexpr std::size_t kMaxDatabaseLine = 64 * 1024;
inline constexpr std::size_t kMaxPackages = 200'000;
inline constexpr std::size_t kMaxPackageText = 32 * 1024 * 1024;  // what is kept of all of them

// Reads dpkg's `status` and a file of distroless's `status.d` (deb-control(5), dpkg(1)): stanzas
// between empty lines, field names in any case, continuation lines skipped. A package counts as
// installed unless its status is `not-installed` or `config-files`: in every other state files of
// it are there. A stanza without Status (status.d) is installed. Incomplete: a line that is no
// field, a used field that is longer than 64 KiB or repeated, a stanza without Package, an
// installed package without Version (dpkg refuses all of these), more packages than the limits
// above. A longer line of a field that we do not use is skipped: some packages' Provides are longer
// than that.
class DpkgStatus final : public Extractor {
 public:
  explicit DpkgStatus(std::string path);
  void Feed(Bytes bytes) override;
  void Finish(Findings& findings) override;

 private:
  enum Field : std::uint8_t { kPackage, kStatus, kVersion, kArchitecture, kSource, kFieldCount };

  void OnLine(const Line& line);
  void OnField(const Line& line, std::size_t colon);
  void EndStanza(std::uint64_t line_number);
  bool IsInstalled(std::uint64_t line_number);

  LineReader lines_{kMaxDatabaseLine};
  Problems problems_;
  PackageDatabase database_;
  std::size_t kept_bytes_ = 0;
  bool has_stanza_ = false;
  std::array<std::string, kFieldCount> values_;
  std::array<bool, kFieldCount> seen_ = {};
  std::uint64_t last_line_ = 0;
};

// Reads the files that one package owns: dpkg's `info/NAME.list`, a path a line, or distroless's
// `status.d/NAME.md5sums`, a digest and a path a line. Incomplete: a line of another form or longer
// than a path may be.
class DpkgFileList final : public Extractor {
 public:
  enum class Form : std::uint8_t { kPaths, kDigestsAndPaths };

  DpkgFileList(std::string path, Form form);
  void Feed(Bytes bytes) override;
  void Finish(Findings& findings) override;

 private:
  void OnLine(const Line& line);

  Form form_;
  std::string package_;
  LineReader lines_;
  Problems problems_;
  layer::EntryLog files_;
};

// "liblzma5" for "var/lib/dpkg/info/liblzma5:amd64.list".
std::string PackageOfList(std::string_view path);

}  // namespace xzgate::facts
