#include "cmd/explain_text.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "base/text.h"
#include "cmd/report_text.h"
#include "cmd/verify_text.h"

namespace xzgate::cmd {
namespace {

constexpr std::size_t kMaxDetailBytes = 600;
constexpr std::size_t kMaxTitleBytes = 600;

bool IsLayout(const policy::JudgedUse& judged) {
  return judged.reference && judged.reference->repository().host == kLayoutHost;
}

std::string Normalised(const policy::JudgedUse& judged) {
  if (IsLayout(judged)) return "an OCI layout: policies for every image cover it";
  if (judged.reference) return judged.reference->ToString();
  return "not a reference: " +
         EscapeOnce(judged.problem ? judged.problem->message() : "", kMaxDetailBytes);
}

// What was found in the image; nothing of it where there is no reference to ask for.
std::string ScanSteps(const policy::JudgedUse& judged) {
  if (!judged.reference) return "  3 to 6        left out: there is no image to look at\n";
  const rules::Report& report = judged.report;
  std::string text;
  if (judged.pinned) {
    const std::size_t platforms = report.platforms.size();
    text += "  3 digest      " + judged.pinned->ToString() + "\n";
    text += fmt::format("  4 scan        {} platform{}, rules {}\n", platforms,
                        platforms == 1 ? "" : "s", report.rules);
    text += ReportBlock(report, "      ");
  } else {
    text += "  3 digest      not resolved: " + EscapeOnce(report.detail, kMaxDetailBytes) + "\n";
    text += "  4 scan        left out: there is no digest\n";
  }
  return text + "  5 verdict     " + VerdictText(report.verdict, report.cause) + "\n";
}

// Who vouches for it; nothing of it where no policy asks.
std::string SignatureSteps(const policy::UseDecision& use,
                           const std::vector<std::string>& entries) {
  if (!use.judged.reference) return "";
  if (use.judged.signatures.empty() && use.signature_reason == signature::Reason::kNone)
    return "  6 signatures  not required\n";
  std::string text = fmt::format("  6 signatures  {}", signature::ToString(use.signatures));
  if (use.signature_reason != signature::Reason::kNone)
    text += fmt::format(" [{} {}]", signature::Code(use.signature_reason),
                        signature::ToString(use.signature_reason));
  text += use.outvoted ? ", and outvotes the verdict\n" : "\n";
  for (std::size_t i = 0; i < use.judged.signatures.size(); ++i) {
    const signature::Report& report = use.judged.signatures[i];
    text +=
        fmt::format("      {}: {}\n", i < entries.size() ? entries[i] : "", OutcomeText(report));
    text += SignatureBlock(report, use.judged.pinned, "        ");
  }
  return text;
}

std::vector<std::string> EntriesOf(const Explained& explained, const policy::UseDecision& use) {
  const auto found = explained.entries.find(use.judged.use.field);
  return found == explained.entries.end() ? std::vector<std::string>() : found->second;
}

std::string Steps(const policy::UseDecision& use, const std::vector<std::string>& entries) {
  const policy::JudgedUse& judged = use.judged;
  std::string text = fmt::format("{} {} at {}\n", admission::ToString(judged.use.kind),
                                 Quote(judged.use.name), judged.use.field);
  text += "  1 reference   " + Escape(judged.use.reference) + "\n";
  text += "  2 normalised  " + Normalised(judged) + "\n";
  text += ScanSteps(judged);
  text += SignatureSteps(use, entries);
  text += fmt::format("  7 policy      {}, mode {}: {} [{} {}]\n", Quote(use.policy),
                      policy::ToString(use.mode), policy::ToString(use.action), use.reason_code,
                      use.reason);
  return text;
}

std::string ObjectText(const Explained& explained) {
  std::string text = Escape(explained.object.title, kMaxTitleBytes) + "\n";
  for (const auto& use : explained.decision.uses) text += Steps(use, EntriesOf(explained, use));
  text += fmt::format("decision: {}{}\n", policy::ToString(explained.decision.action),
                      explained.decision.would_block ? " (would be denied in enforce mode)" : "");
  if (!explained.response.allowed) text += explained.response.message + "\n";
  for (const auto& warning : explained.response.warnings) text += "Warning: " + warning + "\n";
  return text;
}

json::Value UseJson(const policy::UseDecision& use, const std::vector<std::string>& entries) {
  const policy::JudgedUse& judged = use.judged;
  const bool is_named = judged.reference && !IsLayout(judged);
  json::Array signatures;
  for (std::size_t i = 0; i < judged.signatures.size(); ++i) {
    json::Value report = signature::ReportCodec::ToJson(judged.signatures[i]);
    if (i < entries.size()) report.AsObject()->emplace_back("entry", entries[i]);
    signatures.push_back(std::move(report));
  }
  return json::Object{
      {"field", judged.use.field},
      {"reference", judged.use.reference},
      {"normalised", is_named ? json::Value(judged.reference->ToString()) : json::Value()},
      {"image", judged.pinned ? json::Value(judged.pinned->ToString()) : json::Value()},
      {"report", judged.reference ? rules::ToJson(judged.report) : json::Value()},
      {"signatures", std::move(signatures)},
      {"policy", use.policy},
      {"mode", policy::ToString(use.mode)},
      {"action", policy::ToString(use.action)},
      {"reason", use.reason_code}};
}

json::Value ObjectJson(const Explained& explained) {
  json::Array uses;
  for (const auto& use : explained.decision.uses)
    uses.push_back(UseJson(use, EntriesOf(explained, use)));
  return json::Object{{"object", explained.object.title},
                      {"decision", policy::ToString(explained.decision.action)},
                      {"wouldBlock", explained.decision.would_block},
                      {"message", explained.response.message},
                      {"uses", std::move(uses)}};
}

}  // namespace

std::string ExplainText(const std::vector<Explained>& objects) {
  std::string text;
  for (const auto& object : objects) text += ObjectText(object);
  return text;
}

std::string ExplainJson(const std::vector<Explained>& objects) {
  json::Array list;
  for (const auto& object : objects) list.push_back(ObjectJson(object));
  return json::Encode(
             json::Object{{"schema", "xzgate.dev/explain/v1"}, {"objects", std::move(list)}}, 2) +
         "\n";
}

}  // namespace xzgate::cmd
