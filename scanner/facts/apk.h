#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scanner/facts/dpkg.h"
#include "scanner/facts/findings.h"
#include "scanner/facts/line_reader.h"
#include "scanner/facts/problems.h"

namespace xzgate::facts {

// Reads apk's `installed` (apk-tools, package format v2): lines of a letter, a colon and a value; P
// name, V version, A architecture, o origin, F directory, R file in it; empty lines between
// packages. Every package listed is installed. Gives the packages and the files they own.
// Incomplete: a line of another form, a used line that is longer than 64 KiB, repeated P, V, A or
// o, a package without name or version, a file before its package's name, more packages than the
// limits in dpkg.h. A longer line of a letter that we do not use is skipped.
class ApkInstalled final : public Extractor {
 public:
  explicit ApkInstalled(std::string path);
  void Feed(Bytes bytes) override;
  void Finish(Findings& findings) override;

 private:
  void OnLine(const Line& line);
  void OnFile(const Line& line, std::string_view name);
  void Set(const Line& line, std::string& field, std::string_view value);
  void EndPackage(std::uint64_t line_number);

  LineReader lines_{kMaxDatabaseLine};
  Problems problems_;
  PackageDatabase database_;
  layer::EntryLog files_;
  std::size_t kept_bytes_ = 0;
  bool has_package_ = false;
  Package package_;
  std::string directory_;
  std::uint64_t last_line_ = 0;
};

}  // namespace xzgate::facts
