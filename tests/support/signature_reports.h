#pragma once

#include <string>

#include "scanner/signature/report.h"

namespace xzgate::testing {

// A report as the store has it. `made` and `valid_until` are whole seconds or milliseconds.
inline signature::Report SignatureReport(signature::Outcome outcome, WallTime made,
                                         std::chrono::milliseconds life,
                                         const std::string& detail = "detail") {
  const bool is_verified = outcome == signature::Outcome::kVerified;
  const auto reason = is_verified                                ? signature::Reason::kNone
                      : outcome == signature::Outcome::kUnsigned ? signature::Reason::kUnsigned
                                                                 : signature::Reason::kSignature;
  return signature::ReportCodec::FromJson(
             json::Object{{"schema", "xzgate.dev/signature-report/v1"},
                          {"outcome", signature::ToString(outcome)},
                          {"reason", signature::ToString(reason)},
                          {"reason_code", signature::Code(reason)},
                          {"detail", detail},
                          {"vouched_by", json::Array(is_verified ? 1 : 0, "release-key")},
                          {"candidates", json::Array{}},
                          {"not_tried", json::Array{}},
                          {"listing", ""},
                          {"made", ToRfc3339(made)},
                          {"valid_until", ToRfc3339(made + life)}})
      .value();
}

// With the life that RequirementCheck gives it.
inline signature::Report SignatureReport(signature::Outcome outcome, WallTime made) {
  return SignatureReport(outcome, made,
                         outcome == signature::Outcome::kVerified ? signature::Report::kVerifiedLife
                                                                  : signature::Report::kDenialLife);
}

}  // namespace xzgate::testing
