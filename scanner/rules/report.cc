#include "scanner/rules/report.h"

#include <array>

#include "base/text.h"

namespace xzgate::rules {
namespace {

// By the order of the enumerators.
constexpr std::array<std::string_view, kVerdictCount> kVerdicts{
    "affected", "suspicious", "affected_version", "unknown", "fixed_by_distro", "clean"};
constexpr std::array<std::string_view, 5> kCauses{"", "pending", "unreachable", "unreadable",
                                                  "not_an_image"};
constexpr std::array<std::string_view, kVerdictCount> kCodes{"XZ001", "XZ002", "XZ003",
                                                             "",      "XZ020", "XZ021"};
// `unknown` without a cause is our own omission; "unreadable" is the cause that promises nothing.
constexpr std::array<std::string_view, 5> kUnknownCodes{"XZ012", "XZ010", "XZ011", "XZ012",
                                                        "XZ013"};

template <typename T, std::size_t N>
Result<T> FromWord(const std::array<std::string_view, N>& words, std::string_view text,
                   std::string_view what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == text) return static_cast<T>(i);
  }
  return InvalidArgument(std::string(what) + " " + Quote(text) + " is not known");
}

// Of two platforms that are both `unknown`, the one that waiting cannot mend is worse.
int CauseRank(Cause cause) {
  switch (cause) {
    case Cause::kUnreadable:
      return 0;
    case Cause::kUnreachable:
      return 1;
    case Cause::kPending:
      return 2;
    case Cause::kNotAnImage:
      return 3;
    case Cause::kNone:
      return 4;
  }
  return 0;
}

bool IsWorsePlatform(const PlatformReport& a, const PlatformReport& b) {
  if (a.verdict != b.verdict) return IsWorse(a.verdict, b.verdict);
  return CauseRank(a.cause) < CauseRank(b.cause);
}

}  // namespace

std::string_view ToString(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

std::string_view ToString(Cause cause) {
  return kCauses[static_cast<std::size_t>(cause)];
}

Result<Verdict> ParseVerdict(std::string_view text) {
  return FromWord<Verdict>(kVerdicts, text, "verdict");
}

Result<Cause> ParseCause(std::string_view text) {
  return FromWord<Cause>(kCauses, text, "cause");
}

std::string_view ReasonCode(Verdict verdict, Cause cause) {
  if (verdict == Verdict::kUnknown) return kUnknownCodes[static_cast<std::size_t>(cause)];
  return kCodes[static_cast<std::size_t>(verdict)];
}

const PlatformReport* Report::Worst() const {
  const PlatformReport* worst = nullptr;
  for (const PlatformReport& platform : platforms) {
    if (!platform.deciding) continue;
    if (worst == nullptr || IsWorsePlatform(platform, *worst)) worst = &platform;
  }
  return worst;
}

Report UnknownReport(std::string digest, Cause cause, std::string detail, std::string rules) {
  Report report;
  report.digest = std::move(digest);
  report.verdict = Verdict::kUnknown;
  report.cause = cause;
  report.detail = std::move(detail);
  report.rules = std::move(rules);
  return report;
}

}  // namespace xzgate::rules
