#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/oci/digest.h"
#include "scanner/oci/platform.h"

namespace xzgate::rules {

// What the rules conclude for one digest, worst first (design.md section 2).
enum class Verdict : std::uint8_t {
  kAffected,
  kSuspicious,
  kAffectedVersion,
  kUnknown,
  kFixedByDistro,
  kClean
};
inline constexpr int kVerdictCount = 6;

// Why a verdict is `unknown`.
enum class Cause : std::uint8_t { kNone, kPending, kUnreachable, kUnreadable, kNotAnImage };

std::string_view ToString(Verdict verdict);  // "affected_version"
std::string_view ToString(Cause cause);      // "pending"; "" for kNone
Result<Verdict> ParseVerdict(std::string_view text);
Result<Cause> ParseCause(std::string_view text);
// The stable code of docs/reasons.md: XZ001 affected, XZ002 suspicious, XZ003 affected_version,
// XZ010 pending, XZ011 unreachable, XZ012 unreadable, XZ013 not_an_image, XZ020 fixed_by_distro,
// XZ021 clean.
std::string_view ReasonCode(Verdict verdict, Cause cause);

// A fact that a rule cares about, with where it was found and how strong it is (xz.md 7.1). A
// value.
struct Evidence {
  std::string id;            // "E1"
  std::string kind;          // "payload_signature"
  std::string summary;       // one line for people: "liblzma5 5.6.1-1 (dpkg)"
  std::string path;          // file or database, "" if none
  std::size_t layer = 0;     // 1-based number of the layer, 0 if none
  std::string layer_digest;  // "" if none
  bool historical = false;   // only in a layer that a higher one hides (E18)

  bool operator==(const Evidence&) const = default;
};

// The conclusion for one manifest. A value.
struct PlatformReport {
  oci::Platform platform;
  std::string manifest_digest;
  bool deciding = true;
  Verdict verdict = Verdict::kUnknown;
  Cause cause = Cause::kNone;
  std::string detail;  // one sentence: why this verdict ("database says 5.6.1-1, no library file
                       // was found")
  std::string fix;     // what to do, "" if nothing
  std::size_t layer_count = 0;
  // Something of it was not read to its end (E17), whatever decided. Evidence is cut at a limit and
  // may not show it.
  bool has_unread = false;
  std::vector<Evidence> evidence;  // strongest first
  std::vector<std::string> notes;

  bool operator==(const PlatformReport&) const = default;
};

// The conclusion for one digest: a manifest, or an index that is as bad as its worst deciding
// platform. A value; its JSON is a documented, versioned format (docs/detection.md).
struct Report {
  std::string digest;
  Verdict verdict = Verdict::kUnknown;
  Cause cause = Cause::kPending;
  std::string detail;
  std::string rules;  // "CVE-2024-3094@2026.11.1"
  std::string title;  // "xz-utils backdoor CVE-2024-3094"; "" when nothing was judged
  std::vector<PlatformReport> platforms;

  // The platform that decided; null when there is none.
  const PlatformReport* Worst() const;
  bool operator==(const Report&) const = default;
};

// A report for a digest that could not be judged.
Report UnknownReport(std::string digest, Cause cause, std::string detail, std::string rules);

json::Value ToJson(const Report& report);
// Errors: kInvalidArgument with the path of the offence.
Result<Report> ReportFromJson(const json::Value& value);

// True when `a` is worse than `b`.
inline bool IsWorse(Verdict a, Verdict b) {
  return static_cast<int>(a) < static_cast<int>(b);
}

}  // namespace xzgate::rules
