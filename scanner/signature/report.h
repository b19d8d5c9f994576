#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json/value.h"
#include "base/result.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/verified.h"

namespace xzgate::signature {

enum class Outcome : std::uint8_t {
  kNotRequired,    // no requirement covers the image
  kVerified,       // all that is required was proved
  kUnsigned,       // nothing was found that claims to sign it
  kWronglySigned,  // something was found, and it does not meet the requirement
  kUndecided,      // registry down, trust root expired or missing, not verified yet
};
std::string_view ToString(Outcome outcome);  // "not_required", "verified", "unsigned", …

// One candidate under one authority in words, for `verify`, `explain` and denials.
struct CandidateReport {
  std::string candidate;  // "referrer sha256:3a73…82bde, layer 0"
  std::string format;     // "bundle v0.3"
  std::string authority;
  std::string subject;            // signed digest where it is a child of the image, else ""
  Reason reason = Reason::kNone;  // kNone: verified
  std::vector<Step> steps;
  // Where it is, in full, so that it can be fetched or deleted; "" in reports of before.
  std::string place = {};                 // "sig_tag", "referrer", …
  std::string digest = {};                // of the manifest
  std::optional<std::size_t> layer = {};  // absent where the manifest is unreadable
  std::string predicate_type = {};        // of an attestation that was verified, else ""
};

// What is known of an image's signatures under one requirement. A value. "Verified" is a state that
// nothing but RequirementCheck (from VerifiedSignatures) and ReportCodec (from a store of ours) can
// make: style rule 22.
class Report {
 public:
  // An unsigned or wrongly signed image is looked at again after so long, and so is one that
  // nobody could decide about.
  static constexpr std::chrono::milliseconds kDenialLife{60'000};
  // A verified one: for new or withdrawn policies' sake and bounded by what was verified.
  static constexpr std::chrono::milliseconds kVerifiedLife{24 * 3'600'000};

  static Report NotRequired();
  // Nothing is decided: `reason` is kRegistry, kTrustRoot, kNoRequirement, kPending.
  static Report Undecided(Reason reason, std::string detail, WallTime now);

  Outcome outcome() const { return outcome_; }
  Reason reason() const { return reason_; }
  // One sentence for people: what is missing, or who vouches.
  const std::string& detail() const { return detail_; }
  // Names of the authorities that vouch.
  const std::vector<std::string>& vouched_by() const { return vouched_by_; }
  const std::vector<CandidateReport>& candidates() const { return candidates_; }
  const std::vector<std::string>& not_tried() const { return not_tried_; }
  const std::string& listing() const { return listing_; }  // Listing::Fingerprint, "" if none
  WallTime made() const { return made_; }
  WallTime valid_until() const { return valid_until_; }

 private:
  friend class RequirementCheck;
  friend class ReportCodec;
  Report() = default;
  Outcome outcome_ = Outcome::kUndecided;
  Reason reason_ = Reason::kPending;
  std::string detail_;
  std::vector<std::string> vouched_by_;
  std::vector<CandidateReport> candidates_;
  std::vector<std::string> not_tried_;
  std::string listing_;
  WallTime made_;
  WallTime valid_until_;
};

// Reports as JSON: the schema of `xzgate verify --format json` and of the store
// ("xzgate.dev/signature-report/v1").
class ReportCodec {
 public:
  static json::Value ToJson(const Report& report);
  // For bytes of our own store. Errors: kInvalidArgument, kUnsupported (another schema).
  static Result<Report> FromJson(const json::Value& value);
};

}  // namespace xzgate::signature
