#include "scanner/worker/layer_reader.h"

#include <algorithm>

#include "scanner/facts/toc_announcement.h"

namespace xzgate::worker {
namespace {

// Reports how many bytes pass through, and ends the stream with an error when the process stops.
class CountingSource final : public ByteSource {
 public:
  CountingSource(ByteSource& inner, const registry::Access& access,
                 std::function<void(std::size_t)> told)
      : inner_(inner), access_(access), told_(std::move(told)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (access_.IsStopped()) return Unavailable("the scanner is stopping");
    auto count = inner_.Read(into);
    if (count) told_(*count);
    return count;
  }

 private:
  ByteSource& inner_;
  const registry::Access& access_;
  std::function<void(std::size_t)> told_;
};

}  // namespace

LayerReader::LayerReader(const ScanParts& parts, const oci::Repository& repository)
    : parts_(parts), repository_(repository) {}

void LayerReader::Expect(const std::vector<oci::Descriptor>& layers) {
  for (const auto& layer : layers) total_bytes_ += layer.size;
}

Result<facts::LayerFacts> LayerReader::Read(const oci::Descriptor& layer) {
  const LayerFlight::Turn turn(parts_.flight, repository_.host, layer.digest);
  if (auto known = Find(layer)) {
    ++cost_.layers_reused;
    done_bytes_ += layer.size;
    unpacked_bytes_ += known->unpacked_bytes;
    Tell();
    return std::move(*known);
  }
  const std::uint64_t max_image_bytes = parts_.options.max_image_bytes;
  if (unpacked_bytes_ >= max_image_bytes) {
    facts::LayerFacts unread(layer.digest);
    unread.incomplete.push_back(
        {.path = "",
         .what = "image is larger than " + std::to_string(max_image_bytes) + " bytes unpacked"});
    return unread;
  }
  facts::LayerLimits limits = parts_.options.layer_limits;
  limits.max_unpacked_bytes =
      std::min(limits.max_unpacked_bytes, max_image_bytes - unpacked_bytes_);
  XZGATE_ASSIGN(facts::LayerFacts facts, Fetch(layer, limits));
  ++cost_.layers_read;
  unpacked_bytes_ += facts.unpacked_bytes;
  Keep(facts, limits);
  return facts;
}

std::optional<facts::LayerFacts> LayerReader::Find(const oci::Descriptor& layer) {
  const WallTime now = parts_.clock.WallNow();
  for (const std::string* key : {&parts_.keys.whole, &parts_.keys.cut}) {
    if (auto known = parts_.store.FindLayer(layer.digest, *key, now);
        known && *known && facts::AnswersFor(**known, layer)) {
      return std::move(*known);
    }
  }
  return std::nullopt;
}

Result<facts::LayerFacts> LayerReader::Fetch(const oci::Descriptor& layer,
                                             const facts::LayerLimits& limits) {
  XZGATE_ASSIGN(auto blob, parts_.source.OpenBlob(repository_, layer, parts_.access));
  CountingSource counted(*blob, parts_.access, [this](std::size_t count) {
    done_bytes_ += count;
    cost_.bytes_read += count;
    Tell();
  });
  return facts::ReadLayer(counted, layer, parts_.pack.probes, limits);
}

void LayerReader::Keep(const facts::LayerFacts& facts, const facts::LayerLimits& limits) {
  const bool whole = facts.incomplete.empty();
  // A limit that this image lowered says nothing about the layer in another image.
  if (!whole && limits.max_unpacked_bytes < parts_.options.layer_limits.max_unpacked_bytes) return;
  const std::string& key = whole ? parts_.keys.whole : parts_.keys.cut;
  if (auto put = parts_.store.PutLayer(facts, key, parts_.clock.WallNow()); !put) {
    parts_.logger.Warning("facts could not be stored",
                          {{"layer", facts.digest.ToString()}, {"error", put.error().message()}});
  }
}

void LayerReader::Tell() {
  if (parts_.progress) parts_.progress(done_bytes_, total_bytes_);
}

}  // namespace xzgate::worker
