#include <algorithm>
#include <array>

#include "base/text.h"
#include "scanner/rules/judge.h"

namespace xzgate::rules {
namespace {

struct Alias {
  std::string_view written;
  std::string_view architecture;
  std::string_view variant;
};
// Spellings that runtimes take for one another (containerd, platforms, database.go): an index
// must not hide a platform behind one of them.
constexpr std::array<Alias, 6> kAliases{{{"x86_64", "amd64", ""},
                                         {"x86-64", "amd64", ""},
                                         {"aarch64", "arm64", ""},
                                         {"i386", "386", ""},
                                         {"armhf", "arm", "v7"},
                                         {"armel", "arm", "v6"}}};

oci::Platform Normalise(const oci::Platform& platform) {
  oci::Platform out{.os = ToLower(platform.os),
                    .architecture = ToLower(platform.architecture),
                    .variant = ToLower(platform.variant)};
  for (const Alias& alias : kAliases) {
    if (out.architecture != alias.written) continue;
    out.architecture = alias.architecture;
    if (out.variant.empty()) out.variant = alias.variant;
    break;
  }
  // "8" and "7" are written for "v8" and "v7".
  const bool digit = out.variant.size() == 1 && out.variant[0] >= '0' && out.variant[0] <= '9';
  if (digit) out.variant.insert(0, 1, 'v');
  return out;
}

// A platform that does not say what it runs on may run anywhere, so it decides.
bool IsUnnamed(const oci::Platform& platform) {
  const bool no_os = platform.os.empty() || platform.os == "unknown";
  const bool no_architecture = platform.architecture.empty() || platform.architecture == "unknown";
  return no_os || (platform.IsLinux() && no_architecture);
}

bool IsDeciding(const oci::Platform& platform, const std::vector<oci::Platform>& wanted) {
  const oci::Platform normal = Normalise(platform);
  if (IsUnnamed(normal)) return true;
  if (wanted.empty()) return normal.IsLinux();
  return std::any_of(wanted.begin(), wanted.end(), [&normal](const oci::Platform& one) {
    return normal.Satisfies(Normalise(one));
  });
}

}  // namespace

Report Combine(std::string digest, std::vector<PlatformReport> platforms,
               const std::vector<oci::Platform>& wanted, const RulePack& pack) {
  Report report;
  report.digest = std::move(digest);
  report.rules = pack.Key();
  report.title = pack.title + " " + pack.id;
  for (PlatformReport& platform : platforms) {
    // A manifest that is named directly runs whatever platform its config claims: runtimes compare
    // platforms only while they choose from an index.
    const bool named_directly = platform.manifest_digest == report.digest;
    platform.deciding = named_directly || IsDeciding(platform.platform, wanted);
  }
  report.platforms = std::move(platforms);
  const PlatformReport* worst = report.Worst();
  if (worst == nullptr) {
    report.verdict = Verdict::kUnknown;
    report.cause = Cause::kNotAnImage;
    report.detail =
        report.platforms.empty() ? "no image in it" : "no image for a platform that decides in it";
    return report;
  }
  report.verdict = worst->verdict;
  report.cause = worst->cause;
  report.detail = worst->detail;
  if (report.platforms.size() > 1) {
    report.detail = Escape(worst->platform.ToString(), 64) + ": " + report.detail;
  }
  return report;
}

}  // namespace xzgate::rules
