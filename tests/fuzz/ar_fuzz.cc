// Any bytes behind the magic of an archive of `ar` are read without fault, and the same however the
// file is cut into calls. The first byte chooses how it is cut.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "scanner/facts/ar_archive.h"

namespace {

using namespace xzgate;
using namespace xzgate::facts;

struct Reading {
  std::vector<ElfFile> files;
  Findings findings;
};

Reading Read(const std::string& file, std::size_t piece) {
  static const Probes probes = {.patterns = {{.name = "p", .bytes = "marker", .machine = 62}},
                                .symbols = {"watched_version"}};
  Reading reading;
  ArArchive archive(
      "f", probes, nullptr,
      [&reading](ElfReading found) { reading.files.push_back(std::move(found.file)); },
      {.max_members = 20, .max_name_bytes = 64});
  const Bytes bytes = AsBytes(file);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    archive.Feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  archive.Finish(reading.findings);
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = std::size_t{1} + data[0];
  const std::string file = "!<arch>\n" + std::string(AsText({data + 1, size - 1}));
  const Reading whole = Read(file, file.size());
  const Reading pieces = Read(file, piece);
  if (whole.files != pieces.files) std::abort();
  if (whole.findings.incomplete != pieces.findings.incomplete) std::abort();
  if (whole.findings.notes != pieces.findings.notes) std::abort();
  // One remark at most ends the reading.
  if (whole.findings.incomplete.size() + whole.findings.notes.size() > 1) std::abort();
  return 0;
}
