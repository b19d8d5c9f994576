#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/rfc3339.h"
#include "base/text.h"
#include "scanner/signature/report.h"
#include "scanner/signature/steps_json.h"

namespace xzgate::signature {
namespace {

constexpr std::string_view kSchema = "xzgate.dev/signature-report/v1";
constexpr std::string_view kWhere = "signature report";

constexpr std::array kOutcomes = {Outcome::kNotRequired, Outcome::kVerified, Outcome::kUnsigned,
                                  Outcome::kWronglySigned, Outcome::kUndecided};

Result<Outcome> OutcomeFrom(const std::string& word) {
  const auto found = std::ranges::find(kOutcomes, word, [](Outcome o) { return ToString(o); });
  if (found == kOutcomes.end())
    return InvalidArgument(std::string(kWhere) + ": outcome " + Quote(word) + " is not known");
  return *found;
}

Result<Reason> ReasonFrom(const std::string& word) {
  for (auto i = static_cast<int>(Reason::kNone); i <= static_cast<int>(Reason::kPending); ++i) {
    if (ToString(static_cast<Reason>(i)) == word) return static_cast<Reason>(i);
  }
  return InvalidArgument(std::string(kWhere) + ": reason " + Quote(word) + " is not known");
}

json::Array ToArray(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

Result<std::vector<std::string>> TextsFrom(const json::Value& object, std::string_view key) {
  XZGATE_ASSIGN(const json::Array* list, json::GetArrayOrEmpty(object, key, kWhere));
  std::vector<std::string> texts;
  for (const json::Value& item : *list) {
    if (item.AsString() == nullptr)
      return InvalidArgument(std::string(kWhere) + ": " + std::string(key) + ": want strings");
    texts.push_back(*item.AsString());
  }
  return texts;
}

Result<WallTime> TimeFrom(const json::Value& object, std::string_view key) {
  XZGATE_ASSIGN(const std::string text, json::GetString(object, key, kWhere));
  return ParseRfc3339(text);
}

json::Value CandidateToJson(const CandidateReport& candidate) {
  return json::Object{{"candidate", candidate.candidate},
                      {"format", candidate.format},
                      {"authority", candidate.authority},
                      {"subject", candidate.subject},
                      {"reason", ToString(candidate.reason)},
                      {"reason_code", Code(candidate.reason)},
                      {"place", candidate.place},
                      {"digest", candidate.digest},
                      {"layer", candidate.layer ? json::Value(*candidate.layer) : json::Value()},
                      {"predicate_type", candidate.predicate_type},
                      {"steps", StepsToJson(candidate.steps)}};
}

Result<std::vector<Step>> StepsFrom(const json::Value& candidate) {
  std::vector<Step> steps;
  XZGATE_ASSIGN(const json::Array* list, json::GetArrayOrEmpty(candidate, "steps", kWhere));
  for (const json::Value& value : *list) {
    Step step;
    XZGATE_ASSIGN(step.name, json::GetString(value, "name", kWhere));
    XZGATE_ASSIGN(step.held, json::GetBool(value, "held", kWhere));
    XZGATE_ASSIGN(step.detail, json::GetString(value, "detail", kWhere));
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<std::optional<std::size_t>> LayerFrom(const json::Value& candidate) {
  const json::Value* layer = candidate.Find("layer");
  if (layer == nullptr || layer->is_null()) return std::nullopt;
  XZGATE_ASSIGN(const std::uint64_t number, json::GetUint(candidate, "layer", kWhere));
  return std::optional<std::size_t>(number);
}

Result<CandidateReport> CandidateFrom(const json::Value& value) {
  CandidateReport candidate;
  XZGATE_ASSIGN(candidate.candidate, json::GetString(value, "candidate", kWhere));
  XZGATE_ASSIGN(candidate.format, json::GetString(value, "format", kWhere));
  XZGATE_ASSIGN(candidate.authority, json::GetString(value, "authority", kWhere));
  XZGATE_ASSIGN(candidate.subject, json::GetString(value, "subject", kWhere));
  XZGATE_ASSIGN(const std::string reason, json::GetString(value, "reason", kWhere));
  XZGATE_ASSIGN(candidate.reason, ReasonFrom(reason));
  XZGATE_ASSIGN(candidate.steps, StepsFrom(value));
  XZGATE_ASSIGN(candidate.place, json::GetStringOr(value, "place", "", kWhere));
  XZGATE_ASSIGN(candidate.digest, json::GetStringOr(value, "digest", "", kWhere));
  XZGATE_ASSIGN(candidate.layer, LayerFrom(value));
  XZGATE_ASSIGN(candidate.predicate_type, json::GetStringOr(value, "predicate_type", "", kWhere));
  return candidate;
}

}  // namespace

json::Value StepsToJson(const std::vector<Step>& steps) {
  json::Array out;
  for (const Step& step : steps) {
    out.emplace_back(
        json::Object{{"name", step.name}, {"held", step.held}, {"detail", step.detail}});
  }
  return out;
}

json::Value ReportCodec::ToJson(const Report& report) {
  json::Array candidates;
  for (const auto& candidate : report.candidates_) candidates.push_back(CandidateToJson(candidate));
  return json::Object{{"schema", kSchema},
                      {"outcome", ToString(report.outcome_)},
                      {"reason", ToString(report.reason_)},
                      {"reason_code", Code(report.reason_)},
                      {"detail", report.detail_},
                      {"vouched_by", ToArray(report.vouched_by_)},
                      {"candidates", std::move(candidates)},
                      {"not_tried", ToArray(report.not_tried_)},
                      {"listing", report.listing_},
                      {"made", ToRfc3339(report.made_)},
                      {"valid_until", ToRfc3339(report.valid_until_)}};
}

Result<Report> ReportCodec::FromJson(const json::Value& value) {
  XZGATE_ASSIGN(const std::string schema, json::GetString(value, "schema", kWhere));
  if (schema != kSchema) {
    return Unsupported(std::string(kWhere) + ": want schema " + Quote(kSchema) + ", found " +
                       Quote(schema));
  }
  Report report;
  XZGATE_ASSIGN(const std::string outcome, json::GetString(value, "outcome", kWhere));
  XZGATE_ASSIGN(report.outcome_, OutcomeFrom(outcome));
  XZGATE_ASSIGN(const std::string reason, json::GetString(value, "reason", kWhere));
  XZGATE_ASSIGN(report.reason_, ReasonFrom(reason));
  XZGATE_ASSIGN(report.detail_, json::GetString(value, "detail", kWhere));
  XZGATE_ASSIGN(report.vouched_by_, TextsFrom(value, "vouched_by"));
  XZGATE_ASSIGN(report.not_tried_, TextsFrom(value, "not_tried"));
  XZGATE_ASSIGN(report.listing_, json::GetString(value, "listing", kWhere));
  XZGATE_ASSIGN(report.made_, TimeFrom(value, "made"));
  XZGATE_ASSIGN(report.valid_until_, TimeFrom(value, "valid_until"));
  XZGATE_ASSIGN(const json::Array* list, json::GetArrayOrEmpty(value, "candidates", kWhere));
  for (const json::Value& item : *list) {
    XZGATE_ASSIGN(CandidateReport candidate, CandidateFrom(item));
    report.candidates_.push_back(std::move(candidate));
  }
  return report;
}

}  // namespace xzgate::signature
