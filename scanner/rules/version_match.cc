#include "scanner/rules/version_match.h"

#include <algorithm>

#include "base/text.h"

namespace xzgate::rules {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Where the last marker starts and what stands behind it.
struct Marked {
  std::string_view before;
  std::string_view after;
};

Marked SplitAtMarker(std::string_view upstream, const std::vector<std::string>& markers) {
  Marked split{{}, upstream};
  for (const std::string& marker : markers) {
    if (marker.empty()) continue;
    const auto at = upstream.rfind(marker);
    if (at == upstream.npos) continue;
    const auto after = upstream.substr(at + marker.size());
    if (after.size() < split.after.size()) split = {upstream.substr(0, at), after};
  }
  return split;
}

PackageClass ClassifyDebian(std::string_view version, const PackageRule& rule) {
  const std::string_view upstream = DebianUpstream(version);
  const auto [claimed, inside] = SplitAtMarker(upstream, rule.older_markers);
  if (Contains(rule.bad_versions, inside)) return PackageClass::kBadVersion;
  if (Contains(rule.advisory_versions, inside)) return PackageClass::kAdvisory;
  return Contains(rule.bad_versions, claimed) ? PackageClass::kFixedOlder
                                              : PackageClass::kUnrelated;
}

PackageClass ClassifyApk(std::string_view text, const PackageRule& rule,
                         const std::vector<std::string>& os_ids) {
  const ApkVersion apk = ParseApkVersion(text);
  if (Contains(rule.advisory_versions, apk.version)) return PackageClass::kAdvisory;
  if (!Contains(rule.bad_versions, apk.version)) return PackageClass::kUnrelated;
  const bool never_clean = std::any_of(os_ids.begin(), os_ids.end(), [&](const std::string& id) {
    return Contains(rule.never_clean_on, id);
  });
  const bool rebuilt = rule.clean_from_release > 0 && apk.release >= rule.clean_from_release;
  return rebuilt && !never_clean ? PackageClass::kFixedRebuild : PackageClass::kBadVersion;
}

PackageClass ClassifyVersion(std::string_view version, const PackageRule& rule,
                             const std::vector<std::string>& os_ids) {
  return rule.database == facts::DatabaseKind::kApk ? ClassifyApk(version, rule, os_ids)
                                                    : ClassifyDebian(version, rule);
}

}  // namespace

std::string_view DebianUpstream(std::string_view version) {
  version = Trim(version);
  if (const auto colon = version.find(':'); colon != version.npos) {
    version.remove_prefix(colon + 1);
  }
  if (const auto dash = version.rfind('-'); dash != version.npos) {
    version = version.substr(0, dash);
  }
  return version;
}

std::string_view EffectiveVersion(std::string_view upstream,
                                  const std::vector<std::string>& markers) {
  return SplitAtMarker(upstream, markers).after;
}

ApkVersion ParseApkVersion(std::string_view text) {
  text = Trim(text);
  const auto dash = text.find('-');
  if (dash == text.npos) return {text, 0};
  const std::string_view tail = text.substr(dash + 1);
  const auto release = tail.starts_with('r') ? ParseUint(tail.substr(1)) : std::nullopt;
  return {text.substr(0, dash), release.value_or(0)};
}

std::string VersionOfConstant(std::uint32_t constant) {
  static constexpr std::string_view kStability[] = {"alpha", "beta", ""};
  const std::uint32_t stability = constant % 10;
  return std::to_string(constant / 10'000'000) + "." + std::to_string(constant / 10'000 % 1000) +
         "." + std::to_string(constant / 10 % 1000) +
         (stability < 3 ? std::string(kStability[stability]) : "?");
}

bool NameClaimsBadRelease(std::string_view basename, const RulePack& pack) {
  if (pack.library_name.empty()) return false;
  const auto name = basename.find(pack.library_name);
  if (name == basename.npos) return false;
  const auto so = basename.find(".so", name);
  if (so == basename.npos) return false;
  const std::string_view tail = basename.substr(name);
  return std::any_of(pack.bad_releases.begin(), pack.bad_releases.end(),
                     [tail](const BadRelease& bad) {
                       for (auto at = tail.find(bad.version); at != tail.npos;
                            at = tail.find(bad.version, at + 1)) {
                         const auto end = at + bad.version.size();
                         const bool starts = at > 0 && !IsDigit(tail[at - 1]);
                         if (starts && (end == tail.size() || !IsDigit(tail[end]))) return true;
                       }
                       return false;
                     });
}

bool IsActiveArchitecture(std::string_view architecture, const PackageRule& rule) {
  if (rule.active_architectures.empty()) return false;
  return architecture.empty() || Contains(rule.active_architectures, architecture);
}

bool IsActiveLibrary(const facts::Package& package, const PackageRule& rule) {
  return Contains(rule.libraries, package.name) && IsActiveArchitecture(package.architecture, rule);
}

PackageClass Classify(const facts::Package& package, const PackageRule& rule,
                      const std::vector<std::string>& os_ids) {
  const bool by_source = Contains(rule.sources, package.source);
  const bool by_name =
      Contains(rule.libraries, package.name) || Contains(rule.others, package.name);
  if (!by_name && !by_source) return PackageClass::kUnrelated;
  PackageClass found = ClassifyVersion(package.version, rule, os_ids);
  // A binary may carry a version of its own: "Source: xz-utils (5.6.0-0.2)".
  if (by_source && !package.source_version.empty()) {
    found = std::min(found, ClassifyVersion(package.source_version, rule, os_ids));
  }
  if (found == PackageClass::kBadVersion && IsActiveLibrary(package, rule)) {
    return PackageClass::kBadActive;
  }
  return found;
}

}  // namespace xzgate::rules
