#include "cmd/verify_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json/value.h"
#include "base/text.h"
#include "cmd/exit_code.h"
#include "scanner/signature/steps_json.h"

namespace xzgate::cmd {
namespace {

using signature::Outcome;
using signature::Reason;

constexpr std::size_t kMaxDetailBytes = 600;
constexpr std::string_view kSchema = "xzgate.dev/verify/v1";

std::string OutcomeText(Outcome outcome, Reason reason) {
  std::string text(ToString(outcome));
  if (reason != Reason::kNone)
    text += fmt::format(" [{} {}]", signature::Code(reason), ToString(reason));
  return text;
}

std::string StepLines(const std::vector<signature::Step>& steps, const std::string& indent) {
  std::string text;
  for (const auto& step : steps) {
    text += indent + fmt::format("{:6} {:11} {}\n", step.held ? "ok" : "FAILED", step.name,
                                 EscapeOnce(step.detail, kMaxDetailBytes));
  }
  return text;
}

std::string CandidateBlock(const signature::CandidateReport& candidate, const std::string& digest,
                           const std::string& indent) {
  std::string text = indent + Escape(candidate.candidate);
  if (!candidate.format.empty()) text += ", " + Escape(candidate.format);
  if (!candidate.authority.empty()) text += ", by " + Quote(candidate.authority);
  // Of a child of an index.
  if (!candidate.subject.empty() && candidate.subject != digest)
    text += ", of " + Escape(candidate.subject);
  text += candidate.reason == Reason::kNone
              ? ": verified\n"
              : fmt::format(": failed [{} {}]\n", signature::Code(candidate.reason),
                            ToString(candidate.reason));
  return text + StepLines(candidate.steps, indent + "  ");
}

// Not verified is worse than not known, as in `scan`.
int WorseOf(int code, int other) {
  if (code == kFindings || other == kFindings) return kFindings;
  return std::max(code, other);
}

const JudgedRequirement& Worst(const VerifiedImage& image) {
  const auto is_better = [](const JudgedRequirement& a, const JudgedRequirement& b) {
    const int code = ExitCodeOf(a.report.outcome(), a.report.reason());
    const int other = ExitCodeOf(b.report.outcome(), b.report.reason());
    return code != other && WorseOf(code, other) == other;
  };
  return *std::ranges::max_element(image.judged, is_better);
}

std::string FileOutcomeText(const VerifiedFile& file) {
  return OutcomeText(OutcomeOf(file), file.reason);
}

// Which document decided, and for which namespace.
std::string PolicyLine(const DecidingPolicy& policy) {
  return "  policy   " +
         (policy.is_built_in ? std::string("built-in default (no document covers it)")
                             : Quote(policy.name)) +
         ", namespace " + Quote(policy.namespace_name) + "\n";
}

std::string HintLine(const std::string& hint, const std::string& indent) {
  return hint.empty() ? "" : indent + "hint: " + hint + "\n";
}

json::Value ImageJson(const VerifiedImage& image) {
  json::Array reports;
  for (const auto& judged : image.judged) {
    reports.emplace_back(json::Object{{"requirement", judged.name},
                                      {"entry", judged.entry},
                                      {"report", signature::ReportCodec::ToJson(judged.report)},
                                      {"hint", judged.hint}});
  }
  const signature::Report& worst = Worst(image).report;
  return json::Object{
      {"name", image.name},
      {"image", image.pinned ? json::Value(image.pinned->ToString()) : json::Value()},
      {"policy", image.policy ? json::Value(image.policy->name) : json::Value()},
      {"namespace", image.policy ? json::Value(image.policy->namespace_name) : json::Value()},
      {"outcome", ToString(worst.outcome())},
      {"reason", ToString(worst.reason())},
      {"reason_code", signature::Code(worst.reason())},
      {"reports", std::move(reports)}};
}

}  // namespace

std::string OutcomeText(const signature::Report& report) {
  return OutcomeText(report.outcome(), report.reason());
}

std::string SignatureBlock(const signature::Report& report,
                           const std::optional<oci::PinnedReference>& image,
                           const std::string& indent) {
  const std::string digest = image ? image->digest().ToString() : "";
  std::string text;
  if (!report.detail().empty())
    text += indent + EscapeOnce(report.detail(), kMaxDetailBytes) + "\n";
  for (const auto& candidate : report.candidates())
    text += CandidateBlock(candidate, digest, indent);
  for (const auto& name : report.not_tried()) text += indent + "not tried: " + Escape(name) + "\n";
  return text;
}

std::string VerifyTable(const std::vector<VerifiedImage>& images) {
  std::string text;
  for (const auto& image : images) {
    text += Escape(image.name) + "\n";
    text += "  outcome  " + OutcomeText(Worst(image).report) + "\n";
    if (image.pinned) text += "  digest   " + image.pinned->digest().ToString() + "\n";
    if (image.policy) text += PolicyLine(*image.policy);
    for (const auto& judged : image.judged) {
      text += fmt::format("  {}: {}\n", judged.Title(), OutcomeText(judged.report));
      text += SignatureBlock(judged.report, image.pinned, "    ");
      text += HintLine(judged.hint, "    ");
    }
  }
  return text;
}

std::string VerifyTable(const VerifiedFile& file) {
  return fmt::format("{}\n  outcome  {}\n  digest   {}\n  bundle   {}{}\n", Escape(file.name),
                     FileOutcomeText(file), file.digest.ToString(), Escape(file.bundle),
                     file.format.empty() ? "" : ", " + file.format) +
         StepLines(file.steps, "    ") + HintLine(file.hint, "    ");
}

std::string VerifyJson(const std::vector<VerifiedImage>& images) {
  json::Array list;
  for (const auto& image : images) list.push_back(ImageJson(image));
  return json::Encode(json::Object{{"schema", kSchema}, {"images", std::move(list)}}, 2) + "\n";
}

std::string VerifyJson(const VerifiedFile& file) {
  json::Array list;
  list.emplace_back(json::Object{{"name", file.name},
                                 {"digest", file.digest.ToString()},
                                 {"bundle", file.bundle},
                                 {"format", file.format},
                                 {"outcome", ToString(OutcomeOf(file))},
                                 {"reason", ToString(file.reason)},
                                 {"reason_code", signature::Code(file.reason)},
                                 {"predicate_type", file.predicate_type},
                                 {"hint", file.hint},
                                 {"steps", signature::StepsToJson(file.steps)}});
  return json::Encode(json::Object{{"schema", kSchema}, {"files", std::move(list)}}, 2) + "\n";
}

int ExitCodeOf(Outcome outcome, Reason reason) {
  // A policy that asks for a signature and names nobody who could give it has decided.
  if (reason == Reason::kNoRequirement) return kFindings;
  if (outcome == Outcome::kUndecided || reason == Reason::kMalformed) return kUndecided;
  return outcome == Outcome::kVerified || outcome == Outcome::kNotRequired ? kNothingFound
                                                                           : kFindings;
}

int ExitCodeOf(const std::vector<VerifiedImage>& images, bool must_verify) {
  int code = kNothingFound;
  for (const auto& image : images) {
    const signature::Report& worst = Worst(image).report;
    if (must_verify && worst.outcome() == Outcome::kNotRequired) return kFindings;
    code = WorseOf(code, ExitCodeOf(worst.outcome(), worst.reason()));
  }
  return code;
}

int ExitCodeOf(const VerifiedFile& file) {
  return ExitCodeOf(OutcomeOf(file), file.reason);
}

Outcome OutcomeOf(const VerifiedFile& file) {
  switch (file.reason) {
    case Reason::kNone:
      return Outcome::kVerified;
    case Reason::kMalformed:
    case Reason::kTrustRoot:
    case Reason::kUnsupported:
      return Outcome::kUndecided;
    default:
      return Outcome::kWronglySigned;
  }
}

}  // namespace xzgate::cmd
