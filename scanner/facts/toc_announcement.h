#pragma once

#include <string>
#include <vector>

#include "scanner/facts/layer_facts.h"
#include "scanner/oci/manifest.h"

namespace xzgate::facts {

// A layer's table of contents as its descriptor announces it. Lazy-pulling runtimes build a layer's
// files from that table alone, and only where an annotation gives its digest: stargz-snapshotter
// mounts no layer without one, containers/storage looks for nothing else (eStargz, "Content
// Verification"; zstd:chunked, containers/storage pkg/chunked). So the digest, not the place where
// the table lies, decides which table counts.
struct TocAnnouncement {
  enum class Of : std::uint8_t {
    kJson,    // eStargz, also over zstd: the digest of the JSON
    kPacked,  // zstd:chunked: the digest of the compressed JSON
  };
  Of of = Of::kJson;
  std::string digest;  // as the annotation has it
};

// What the descriptor announces; mostly nothing.
std::vector<TocAnnouncement> FindTocAnnouncements(const oci::Descriptor& layer);

// The same as one short text, "" for nothing: what LayerFacts::toc says was compared.
std::string TocKey(const oci::Descriptor& layer);

// Whether stored facts of this layer say all that a descriptor asks for: the table that it
// announces was compared; and where it announces none, another image's announcement made nothing
// incomplete. Where they do not, the layer is to be read again.
bool AnswersFor(const LayerFacts& facts, const oci::Descriptor& layer);

}  // namespace xzgate::facts
