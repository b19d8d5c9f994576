// Any bytes as a dpkg status or file list: the findings do not depend on how the file is cut, every
// package has a name and a version, and what is wrong is told a few times only. The first byte
// chooses how it is cut.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "scanner/facts/dpkg.h"

namespace {

using namespace xzgate;
using namespace xzgate::facts;

Findings Read(Extractor&& extractor, Bytes bytes, std::size_t piece) {
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    extractor.Feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  Findings findings;
  extractor.Finish(findings);
  return findings;
}

std::vector<layer::Entry> Files(const Findings& findings) {
  std::vector<layer::Entry> files;
  const auto read = findings.ownership.front().files.ForEach([&files](const layer::Entry& entry) {
    files.push_back(entry);
    return true;
  });
  if (!read) std::abort();
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0];
  const Bytes bytes(data + 1, size - 1);
  const Findings whole = Read(DpkgStatus("status"), bytes, SIZE_MAX - bytes.size());
  const Findings pieces = Read(DpkgStatus("status"), bytes, piece);
  if (!(whole.databases == pieces.databases) || !(whole.incomplete == pieces.incomplete))
    std::abort();
  if (whole.databases.size() != 1 || whole.incomplete.size() > Problems::kMaxKept) std::abort();
  for (const Package& package : whole.databases[0].packages) {
    if (package.name.empty() || package.version.empty() || package.source.empty()) std::abort();
  }
  for (const auto form : {DpkgFileList::Form::kPaths, DpkgFileList::Form::kDigestsAndPaths}) {
    const Findings list = Read(DpkgFileList("info/a:b.list", form), bytes, SIZE_MAX - bytes.size());
    const Findings cut = Read(DpkgFileList("info/a:b.list", form), bytes, piece);
    if (!(Files(list) == Files(cut)) || !(list.incomplete == cut.incomplete)) std::abort();
  }
  return 0;
}
