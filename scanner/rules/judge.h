#pragma once

#include <span>
#include <string>
#include <vector>

#include "scanner/facts/layer_facts.h"
#include "scanner/oci/manifest.h"
#include "scanner/rules/report.h"
#include "scanner/rules/rule_pack.h"

namespace xzgate::rules {

// One image as the judge sees it. Borrows everything; the layers from the lowest up, null for a
// layer that could not be read.
struct ImageFacts {
  std::string manifest_digest;
  oci::Platform platform;
  const oci::ImageConfig* config = nullptr;
  std::span<const facts::LayerFacts* const> layers;
  std::vector<std::string> layer_digests;
  // For each layer why it was not read, "" when it was; same length as `layers`.
  std::vector<std::string> unread;
  Cause unread_cause = Cause::kUnreadable;
};

// Facts -> evidence -> verdict, by the order of xz.md 7.2. Pure; never fails: what cannot be
// decided is `unknown` with its reason.
PlatformReport JudgeImage(const ImageFacts& image, const RulePack& pack);

// The report for an index, or for a single manifest (one platform). `wanted` are the configured
// platforms, empty: every Linux platform decides. No deciding platform at all: `unknown`,
// not_an_image.
Report Combine(std::string digest, std::vector<PlatformReport> platforms,
               const std::vector<oci::Platform>& wanted, const RulePack& pack);

}  // namespace xzgate::rules
