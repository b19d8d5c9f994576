#include "scanner/signature/report.h"

#include <array>
#include <utility>

namespace xzgate::signature {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 5> kOutcomes = {"not_required", "verified", "unsigned",
                                                       "wrongly_signed", "undecided"};

// A time that RFC 3339 can write.
constexpr WallTime kForever = std::chrono::sys_days{std::chrono::year{9999} / 12 / 31};

}  // namespace

std::string_view ToString(Outcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

Report Report::NotRequired() {
  Report report;
  report.outcome_ = Outcome::kNotRequired;
  report.reason_ = Reason::kNone;
  report.detail_ = "no policy asks for a signature";
  report.valid_until_ = kForever;
  return report;
}

Report Report::Undecided(Reason reason, std::string detail, WallTime now) {
  Report report;
  report.outcome_ = Outcome::kUndecided;
  report.reason_ = reason;
  report.detail_ = std::move(detail);
  report.made_ = now;
  report.valid_until_ = now;
  return report;
}

}  // namespace xzgate::signature
