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

}  // namespace

ScanRun::ScanRun(ScanParts parts, const oci::PinnedReference& image)
    : parts_(std::move(parts)), image_(image), layers_(parts_, image.repository()) {}

ScanResult ScanRun::Execute() {
  auto document = Document(image_.digest(), nullptr);
  if (!document) {
    return {
        .report = rules::UnknownReport(image_.digest().ToString(), CauseOf(document.error().code()),
                                       document.error().message(), parts_.pack.Key()),
        .cost = layers_.cost(),
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
                    .cost = layers_.cost(),
                    .retry = std::nullopt};
  // A backdoor that was found stands, whatever the source did; everything milder is worth another
  // try.
  if (rules::IsWorse(rules::Verdict::kSuspicious, result.report.verdict)) result.retry = retry_;
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
  const oci::Platform platform = named.value_or(oci::Platform{});
  if (manifest.IsImage()) {
    auto config = Config(manifest.config);
    if (!config) return Failed(platform, digest, config.error());
    // The index' word decides which child a node takes; without an index it is the config's.
    return JudgeLayers(manifest, digest, platform.os.empty() ? config->platform : platform,
                       *config);
  }
  if (HasTarLayer(manifest)) return JudgeLayers(manifest, digest, platform, oci::ImageConfig{});
  return Unknown(
      platform, digest, rules::Cause::kNotAnImage,
      "artifact of type " + Quote(manifest.artifact_type.empty() ? manifest.config.media_type
                                                                 : manifest.artifact_type));
}

rules::PlatformReport ScanRun::JudgeLayers(const oci::Manifest& manifest, const oci::Digest& digest,
                                           const oci::Platform& platform,
                                           const oci::ImageConfig& config) {
  layers_.Expect(manifest.layers);
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
    // Facts are those of a tar archive, whatever the bytes look like.
    if (!oci::IsTarLayer(descriptor.media_type)) {
      image.unread.push_back("media type " + Quote(descriptor.media_type) + ": want a tar archive");
      image.unread_cause = rules::Cause::kUnreadable;
      layers.push_back(std::nullopt);
      continue;
    }
    auto layer = layers_.Read(descriptor);
    image.unread.push_back(layer ? "" : layer.error().message());
    if (!layer) {
      Blame(layer.error());
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
  auto known = parts_.store.FindDocument(digest, parts_.clock.WallNow());
  if (known && *known && (*known)->content_type != oci::kOciConfig) {
    return oci::ParseDocument((*known)->bytes, (*known)->content_type, media_type);
  }
  auto fetched =
      parts_.source.FetchManifest(oci::PinnedReference(image_.repository(), digest), parts_.access);
  if (!fetched) return Blame(fetched.error());
  if (expected != nullptr && expected->size != fetched->bytes.size()) {
    return Integrity("manifest " + digest.ToString() + ": want " + std::to_string(expected->size) +
                     " bytes, got " + std::to_string(fetched->bytes.size()));
  }
  auto document = oci::ParseDocument(fetched->bytes, fetched->content_type, media_type);
  if (!document) {
    // The bytes are what was asked for: where they read well by themselves, what the source called
    // them is to blame.
    if (oci::ParseDocument(fetched->bytes, "", media_type)) return Blame(document.error());
    return document;
  }
  // A store that fails costs a later fetch, not this answer.
  (void)parts_.store.PutDocument(digest,
                                 {std::move(fetched->content_type), std::move(fetched->bytes)},
                                 parts_.clock.WallNow());
  return document;
}

Result<oci::ImageConfig> ScanRun::Config(const oci::Descriptor& config) {
  if (auto known = parts_.store.FindDocument(config.digest, parts_.clock.WallNow());
      known && *known) {
    return oci::ParseConfig((*known)->bytes);
  }
  if (config.size > oci::kMaxConfigBytes) {
    return ResourceExhausted("config: " + std::to_string(config.size) + " bytes, want at most " +
                             std::to_string(oci::kMaxConfigBytes));
  }
  auto fetched =
      parts_.source.FetchBlob(image_.repository(), config, oci::kMaxConfigBytes, parts_.access);
  if (!fetched) return Blame(fetched.error());
  XZGATE_ASSIGN(oci::ImageConfig parsed, oci::ParseConfig(fetched->bytes));
  // Under the name of configs, whatever the descriptor calls it: an image may name a manifest of
  // others as its config, and must not change what that manifest is taken for.
  (void)parts_.store.PutDocument(config.digest,
                                 {std::string(oci::kOciConfig), std::move(fetched->bytes)},
                                 parts_.clock.WallNow());
  return parsed;
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
                                      const Error& error) const {
  return Unknown(platform, digest, CauseOf(error.code()), error.message());
}

std::unexpected<Error> ScanRun::Blame(const Error& error) {
  if (!retry_) retry_ = error;
  return std::unexpected(error);
}

}  // namespace xzgate::worker
