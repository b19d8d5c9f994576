#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/facts/layer_facts.h"
#include "scanner/rules/rule_pack.h"

namespace xzgate::rules {

// What a package's name, version and architecture mean by one rule (xz.md 1.4). Worst first.
enum class PackageClass : std::uint8_t {
  kBadActive,     // E6: a bad version of the library, where builds carry the payload
  kBadVersion,    // E7: a bad version, no payload expected
  kAdvisory,      // in an advisory's range, no payload known (xz.md 1.2)
  kFixedOlder,    // E8: says a bad version, is really an older one
  kFixedRebuild,  // E8: a bad version, rebuilt from clean sources
  kUnrelated,
};

// All functions here are pure.

// A Debian version without epoch and revision: "1:5.6.1-1+b1" gives "5.6.1" (deb-version(7)).
std::string_view DebianUpstream(std::string_view version);

// What is really inside: the text behind the last of `markers`, all of `upstream` without one.
// "5.6.1+really5.4.5" gives "5.4.5".
std::string_view EffectiveVersion(std::string_view upstream,
                                  const std::vector<std::string>& markers);

// An apk version, "5.6.1-r3" (apk-tools, version.c). An unreadable release counts as 0: the side
// of suspicion.
struct ApkVersion {
  std::string_view version;
  std::uint64_t release = 0;
};
ApkVersion ParseApkVersion(std::string_view text);

// 50060012 gives "5.6.1", 50050010 "5.5.1alpha" (xz's lzma/version.h).
std::string VersionOfConstant(std::uint32_t constant);

// Whether a file name claims one of the bad releases for the library: "liblzma.so.5.6.1",
// "liblzma-6cd627ed.so.5.6.0", "liblzma.so.5.6.0.patch"; not "liblzma.so.5.6.10", no archives.
bool NameClaimsBadRelease(std::string_view basename, const RulePack& pack);

// Whether builds for this architecture carry the payload. No architecture counts as active.
bool IsActiveArchitecture(std::string_view architecture, const PackageRule& rule);

// Whether the package carries the library, and on an architecture where the payload is expected.
bool IsActiveLibrary(const facts::Package& package, const PackageRule& rule);

// `os_ids` are the ID= values of the image's os-release files.
PackageClass Classify(const facts::Package& package, const PackageRule& rule,
                      const std::vector<std::string>& os_ids);

}  // namespace xzgate::rules
