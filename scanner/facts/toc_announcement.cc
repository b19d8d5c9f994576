#include "scanner/facts/toc_announcement.h"

#include <string_view>

#include "base/crypto/digest.h"

namespace xzgate::facts {
namespace {

struct Annotation {
  std::string_view key;
  TocAnnouncement::Of of;
};
// stargz-snapshotter docs/estargz.md; containers/storage pkg/chunked (the second name is the one of
// its first releases, which tools still write).
constexpr Annotation kAnnotations[] = {
    {"containerd.io/snapshot/stargz/toc.digest", TocAnnouncement::Of::kJson},
    {"io.github.containers.zstd-chunked.manifest-checksum", TocAnnouncement::Of::kPacked},
    {"io.containers.zstd-chunked.manifest-checksum", TocAnnouncement::Of::kPacked},
};

}  // namespace

std::vector<TocAnnouncement> FindTocAnnouncements(const oci::Descriptor& layer) {
  std::vector<TocAnnouncement> found;
  for (const Annotation& annotation : kAnnotations) {
    if (const auto value = layer.FindAnnotation(annotation.key))
      found.push_back({annotation.of, std::string(*value)});
  }
  return found;
}

std::string TocKey(const oci::Descriptor& layer) {
  const auto announced = FindTocAnnouncements(layer);
  if (announced.empty()) return {};
  std::string all;
  for (const TocAnnouncement& toc : announced) {
    all += toc.of == TocAnnouncement::Of::kJson ? "json " : "packed ";
    all += std::to_string(toc.digest.size()) + ":" + toc.digest + " ";
  }
  return crypto::HashHex(crypto::Algorithm::kSha256, AsBytes(all));
}

bool AnswersFor(const LayerFacts& facts, const oci::Descriptor& layer) {
  const std::string key = TocKey(layer);
  if (key.empty()) return !facts.toc.is_incomplete;
  return facts.toc.announced == key;
}

}  // namespace xzgate::facts
