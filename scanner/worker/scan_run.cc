#include "scanner/worker/scan_run.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::worker {
namespace {

// One tar layer makes a manifest something that a runtime may unpack (design.md section 4),
// whatever its config says.
bool HasTarLayer(const oci::Manifest& manifest) {
  return std::any_of(manifest.layers.begin(), manifest.layers.end(),
                     [](const oci::Descriptor& layer) {
                       return layer.media_type.find(".tar") != std::string::npos;
                     });
}

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

ScanRun::ScanRun(ScanParts parts, const oci::PinnedReference& image)
    : parts_(std::move(parts)), image_(image) {}

ScanResult ScanRun::Execute() {
  auto document = Document(image_.digest(), nullptr);
  if (!document) {
    Remember(document.error());
    return {
        .report = rules::UnknownReport(image_.digest().ToString(), CauseOf(document.error().code()),
                                       document.error().message(), parts_.pack.Key()),
        .cost = cost_,
        .retry = retry_};
  }
  if (const auto* index = std::get_if<oci::Index>(&*document)) {
    AddIndex(*index, 1);
  } else {
    platforms_.push_back(
        JudgeManifest(std::get<oci::Manifest>(*document), image_.digest(), std::nullopt));
  }
  ScanResult result{.report = rules::Combine(image_.digest().ToString(), std::move(platforms_),
                                             parts_.options.platforms, parts_.pack),
                    .cost = cost_,
                    .retry = std::nullopt};
  // A backdoor that was found stands, whatever could not be reached; everything milder is worth
  // another try.
  const rules::Report& report = result.report;
  const bool unreached =
      report.verdict == rules::Verdict::kUnknown
          ? report.cause == rules::Cause::kUnreachable
          : retry_ && rules::IsWorse(rules::Verdict::kSuspicious, report.verdict);
  if (unreached) result.retry = retry_.value_or(Error(ErrorCode::kUnavailable, report.detail));
  return result;
}

void ScanRun::AddIndex(const oci::Index& index, std::size_t depth) {
  for (const auto& child : index.manifests) {
    if (platforms_.size() >= oci::kMaxPlatforms) {
      platforms_.push_back(
          Unknown({.os = "linux", .architecture = "unknown", .variant = ""}, child.digest,
                  rules::Cause::kUnreadable,
                  "index holds more than " + std::to_string(oci::kMaxPlatforms) + " manifests"));
      return;
    }
    AddChild(child, depth);
  }
}

void ScanRun::AddChild(const oci::Descriptor& child, std::size_t depth) {
  const oci::Platform named = child.platform.value_or(oci::Platform{});
  auto document = Document(child.digest, &child);
  if (!document) {
    platforms_.push_back(Failed(named, child.digest, document.error()));
    return;
  }
  if (const auto* index = std::get_if<oci::Index>(&*document)) {
    if (depth >= oci::kMaxIndexDepth) {
      platforms_.push_back(
          Unknown(named, child.digest, rules::Cause::kUnreadable,
                  "index nested deeper than " + std::to_string(oci::kMaxIndexDepth)));
      return;
    }
    AddIndex(*index, depth + 1);
    return;
  }
  const auto& manifest = std::get<oci::Manifest>(*document);
  // Only where no node would choose it: a runtime that goes by the bytes would unpack its layers,
  // whatever media type they have.
  if (manifest.IsAttestation() && named.os == "unknown") return;
  platforms_.push_back(JudgeManifest(manifest, child.digest, child.platform));
}

rules::PlatformReport ScanRun::JudgeManifest(const oci::Manifest& manifest,
                                             const oci::Digest& digest,
                                             const std::optional<oci::Platform>& named) {
  oci::Platform platform = named.value_or(oci::Platform{});
  oci::ImageConfig config;
  if (manifest.IsImage()) {
    auto read = Config(manifest.config);
    if (!read) return Failed(platform, digest, read.error());
    config = std::move(*read);
    // The index' word decides which child a node takes; without an index it is the config's.
    if (!named || named->os.empty()) platform = config.platform;
  } else if (!HasTarLayer(manifest)) {
    return Unknown(
        platform, digest, rules::Cause::kNotAnImage,
        "artifact of type " + Quote(manifest.artifact_type.empty() ? manifest.config.media_type
                                                                   : manifest.artifact_type));
  }
  for (const auto& layer : manifest.layers) total_bytes_ += layer.size;

  std::vector<std::optional<facts::LayerFacts>> layers;
  rules::ImageFacts image{.manifest_digest = digest.ToString(),
                          .platform = platform,
                          .config = &config,
                          .layers = {},
                          .layer_digests = {},
                          .unread = {},
                          .unread_cause = rules::Cause::kUnreachable};
  for (const auto& descriptor : manifest.layers) {
    image.layer_digests.push_back(descriptor.digest.ToString());
    auto layer = Layer(descriptor);
    image.unread.push_back(layer ? "" : layer.error().message());
    if (!layer) {
      Remember(layer.error());
      // One layer that will never be readable makes waiting for the others pointless.
      if (CauseOf(layer.error().code()) == rules::Cause::kUnreadable)
        image.unread_cause = rules::Cause::kUnreadable;
    }
    layers.push_back(layer ? std::optional(std::move(*layer)) : std::nullopt);
  }
  std::vector<const facts::LayerFacts*> borrowed;
  for (const auto& layer : layers) borrowed.push_back(layer ? &*layer : nullptr);
  image.layers = borrowed;
  return rules::JudgeImage(image, parts_.pack);
}

Result<oci::Document> ScanRun::Document(const oci::Digest& digest,
                                        const oci::Descriptor* expected) {
  const std::string_view media_type =
      expected != nullptr ? std::string_view(expected->media_type) : std::string_view();
  if (auto known = parts_.store.FindDocument(digest); known && *known) {
    return oci::ParseDocument((*known)->bytes, (*known)->content_type, media_type);
  }
  XZGATE_ASSIGN(registry::VerifiedBytes fetched,
                parts_.source.FetchManifest(oci::PinnedReference(image_.repository(), digest),
                                            parts_.access));
  if (expected != nullptr && expected->size != fetched.bytes.size()) {
    return Integrity("manifest " + digest.ToString() + ": want " + std::to_string(expected->size) +
                     " bytes, got " + std::to_string(fetched.bytes.size()));
  }
  XZGATE_ASSIGN(oci::Document document,
                oci::ParseDocument(fetched.bytes, fetched.content_type, media_type));
  // A store that fails costs a later fetch, not this answer.
  (void)parts_.store.PutDocument(digest,
                                 {std::move(fetched.content_type), std::move(fetched.bytes)});
  return document;
}

Result<oci::ImageConfig> ScanRun::Config(const oci::Descriptor& config) {
  if (auto known = parts_.store.FindDocument(config.digest); known && *known)
    return oci::ParseConfig((*known)->bytes);
  XZGATE_ASSIGN(
      registry::VerifiedBytes fetched,
      parts_.source.FetchBlob(image_.repository(), config, oci::kMaxConfigBytes, parts_.access));
  XZGATE_ASSIGN(oci::ImageConfig parsed, oci::ParseConfig(fetched.bytes));
  (void)parts_.store.PutDocument(config.digest, {config.media_type, std::move(fetched.bytes)});
  return parsed;
}

Result<facts::LayerFacts> ScanRun::Layer(const oci::Descriptor& layer) {
  const LayerFlight::Turn turn(parts_.flight, layer.digest.ToString());
  if (auto known = parts_.store.FindLayer(layer.digest, parts_.probes); known && *known) {
    ++cost_.layers_reused;
    done_bytes_ += layer.size;
    unpacked_bytes_ += (*known)->unpacked_bytes;
    Tell();
    return std::move(**known);
  }
  if (unpacked_bytes_ >= parts_.options.max_image_bytes) {
    return ResourceExhausted("image is larger than " +
                             std::to_string(parts_.options.max_image_bytes) + " bytes unpacked");
  }
  XZGATE_ASSIGN(auto blob, parts_.source.OpenBlob(image_.repository(), layer, parts_.access));
  CountingSource counted(*blob, parts_.access, [this](std::size_t count) {
    done_bytes_ += count;
    cost_.bytes_read += count;
    Tell();
  });
  facts::LayerLimits limits = parts_.options.layer_limits;
  limits.max_unpacked_bytes =
      std::min(limits.max_unpacked_bytes, parts_.options.max_image_bytes - unpacked_bytes_);
  XZGATE_ASSIGN(facts::LayerFacts facts,
                facts::ReadLayer(counted, layer, parts_.pack.probes, limits));
  ++cost_.layers_read;
  unpacked_bytes_ += facts.unpacked_bytes;
  // A limit that this image lowered says nothing about the layer in another image.
  const bool own_limit =
      limits.max_unpacked_bytes < parts_.options.layer_limits.max_unpacked_bytes &&
      !facts.incomplete.empty();
  if (!own_limit) {
    if (auto put = parts_.store.PutLayer(facts, parts_.probes); !put) {
      parts_.logger.Warning("facts could not be stored",
                            {{"layer", layer.digest.ToString()}, {"error", put.error().message()}});
    }
  }
  return facts;
}

rules::PlatformReport ScanRun::Unknown(const oci::Platform& platform, const oci::Digest& digest,
                                       rules::Cause cause, std::string detail) const {
  rules::PlatformReport report;
  report.platform = platform;
  report.manifest_digest = digest.ToString();
  report.verdict = rules::Verdict::kUnknown;
  report.cause = cause;
  report.detail = std::move(detail);
  return report;
}

rules::PlatformReport ScanRun::Failed(const oci::Platform& platform, const oci::Digest& digest,
                                      const Error& error) {
  Remember(error);
  return Unknown(platform, digest, CauseOf(error.code()), error.message());
}

void ScanRun::Remember(const Error& error) {
  if (!retry_ && CauseOf(error.code()) == rules::Cause::kUnreachable) retry_ = error;
}

void ScanRun::Tell() {
  if (parts_.progress) parts_.progress(done_bytes_, total_bytes_);
}

}  // namespace xzgate::worker
