// A bundle that parses holds every limit and the rules of its version; it has exactly one
// signature, and its entries are distinct. Nothing may stand before or after it but white space,
// which changes nothing.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scanner/signature/bundle.h"

namespace {

using namespace xzgate::signature;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckEntry(const LogEntry& entry, Format format) {
  Require(!entry.body.empty() && !entry.log_id.empty());
  Require(!entry.kind.empty() && !entry.version.empty());
  Require(entry.index <= INT64_MAX);
  Require(!entry.integrated_time || *entry.integrated_time > 0);
  if (format == Format::kBundleV01) Require(!entry.signed_entry_timestamp.empty());
  if (format != Format::kBundleV01) Require(entry.proof.has_value());
  if (!entry.proof) return;
  Require(entry.proof->root.size() == 32);
  Require(entry.proof->hashes.size() <= kMaxProofHashes);
  for (const std::string& hash : entry.proof->hashes) Require(hash.size() == 32);
  Require(!entry.proof->checkpoint.empty());
  Require(entry.proof->checkpoint.size() <= kMaxCheckpointBytes);
}

void CheckEntries(const Material& material) {
  const auto& entries = material.entries;
  Require(entries.size() <= kMaxLogEntries);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    CheckEntry(entries[i], material.format);
    for (std::size_t j = 0; j < i; ++j) {
      Require(entries[i].index != entries[j].index || entries[i].log_id != entries[j].log_id);
    }
  }
}

void CheckMaterial(const Material& material) {
  Require(material.format == Format::kBundleV01 || material.format == Format::kBundleV02 ||
          material.format == Format::kBundleV03);
  Require(!material.signature().empty());
  Require(material.envelope_text.empty() && &material.timestamped() == &material.signature());
  Require(!material.certificate || material.key_hint.empty());
  Require(material.certificate || material.intermediates.empty());
  Require(material.format != Format::kBundleV03 || material.intermediates.empty());
  Require(material.intermediates.size() < kMaxChain);
  for (const auto& one : material.intermediates) Require(!one.IsSelfIssued());
  Require(material.timestamps.size() <= kMaxTimestamps);
  for (const std::string& one : material.timestamps) {
    Require(!one.empty() && one.size() <= kMaxTimestampBytes);
  }
  CheckEntries(material);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto material = ParseBundle(text);
  if (!material) return 0;
  CheckMaterial(*material);
  const auto spaced = ParseBundle(" " + text + "\n");
  Require(spaced && spaced->signature() == material->signature());
  Require(!ParseBundle(text + "0").has_value());
  Require(!ParseBundle("\xEF\xBB\xBF" + text).has_value());
  return 0;
}
