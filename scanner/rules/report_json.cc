#include "scanner/rules/report.h"

namespace xzgate::rules {
namespace {

constexpr std::string_view kSchema = "xzgate.dev/report/v1";

json::Value EvidenceToJson(const Evidence& evidence) {
  return json::Object{{"id", evidence.id},
                      {"kind", evidence.kind},
                      {"summary", evidence.summary},
                      {"path", evidence.path},
                      {"layer", static_cast<std::uint64_t>(evidence.layer)},
                      {"layerDigest", evidence.layer_digest},
                      {"historical", evidence.historical}};
}

json::Value PlatformToJson(const PlatformReport& report) {
  json::Array evidence;
  for (const Evidence& one : report.evidence) evidence.push_back(EvidenceToJson(one));
  json::Array notes;
  for (const std::string& note : report.notes) notes.emplace_back(note);
  return json::Object{{"os", report.platform.os},
                      {"architecture", report.platform.architecture},
                      {"variant", report.platform.variant},
                      {"manifestDigest", report.manifest_digest},
                      {"deciding", report.deciding},
                      {"verdict", ToString(report.verdict)},
                      {"cause", ToString(report.cause)},
                      {"reason", ReasonCode(report.verdict, report.cause)},
                      {"detail", report.detail},
                      {"fix", report.fix},
                      {"layers", static_cast<std::uint64_t>(report.layer_count)},
                      {"unread", report.has_unread},
                      {"evidence", std::move(evidence)},
                      {"notes", std::move(notes)}};
}

Result<Verdict> GetVerdict(const json::Value& value, const std::string& where) {
  XZGATE_ASSIGN(const std::string text, json::GetString(value, "verdict", where));
  auto verdict = ParseVerdict(text);
  if (!verdict) return Annotate(verdict.error(), where);
  return verdict;
}

Result<Cause> GetCause(const json::Value& value, const std::string& where) {
  XZGATE_ASSIGN(const std::string text, json::GetString(value, "cause", where));
  auto cause = ParseCause(text);
  if (!cause) return Annotate(cause.error(), where);
  return cause;
}

Result<Evidence> EvidenceFromJson(const json::Value& value, const std::string& where) {
  Evidence evidence;
  XZGATE_ASSIGN(evidence.id, json::GetString(value, "id", where));
  XZGATE_ASSIGN(evidence.kind, json::GetString(value, "kind", where));
  XZGATE_ASSIGN(evidence.summary, json::GetString(value, "summary", where));
  XZGATE_ASSIGN(evidence.path, json::GetStringOr(value, "path", "", where));
  XZGATE_ASSIGN(evidence.layer, json::GetUint(value, "layer", where));
  XZGATE_ASSIGN(evidence.layer_digest, json::GetStringOr(value, "layerDigest", "", where));
  XZGATE_ASSIGN(evidence.historical, json::GetBoolOr(value, "historical", false, where));
  return evidence;
}

Result<PlatformReport> PlatformFromJson(const json::Value& value, const std::string& where) {
  PlatformReport report;
  XZGATE_ASSIGN(report.platform.os, json::GetString(value, "os", where));
  XZGATE_ASSIGN(report.platform.architecture, json::GetString(value, "architecture", where));
  XZGATE_ASSIGN(report.platform.variant, json::GetStringOr(value, "variant", "", where));
  XZGATE_ASSIGN(report.manifest_digest, json::GetString(value, "manifestDigest", where));
  XZGATE_ASSIGN(report.deciding, json::GetBool(value, "deciding", where));
  XZGATE_ASSIGN(report.verdict, GetVerdict(value, where));
  XZGATE_ASSIGN(report.cause, GetCause(value, where));
  XZGATE_ASSIGN(report.detail, json::GetString(value, "detail", where));
  XZGATE_ASSIGN(report.fix, json::GetStringOr(value, "fix", "", where));
  XZGATE_ASSIGN(report.layer_count, json::GetUint(value, "layers", where));
  // A report that does not say so promises nothing.
  XZGATE_ASSIGN(report.has_unread, json::GetBoolOr(value, "unread", true, where));
  XZGATE_ASSIGN(const json::Array* evidence, json::GetArrayOrEmpty(value, "evidence", where));
  for (std::size_t i = 0; i < evidence->size(); ++i) {
    const std::string place = where + ".evidence[" + std::to_string(i) + "]";
    XZGATE_ASSIGN(Evidence one, EvidenceFromJson((*evidence)[i], place));
    report.evidence.push_back(std::move(one));
  }
  XZGATE_ASSIGN(const json::Array* notes, json::GetArrayOrEmpty(value, "notes", where));
  for (std::size_t i = 0; i < notes->size(); ++i) {
    const std::string* note = (*notes)[i].AsString();
    if (note == nullptr) {
      return InvalidArgument(where + ".notes[" + std::to_string(i) + "]: want string, found " +
                             std::string((*notes)[i].TypeName()));
    }
    report.notes.push_back(*note);
  }
  return report;
}

}  // namespace

json::Value ToJson(const Report& report) {
  json::Array platforms;
  for (const PlatformReport& one : report.platforms) platforms.push_back(PlatformToJson(one));
  return json::Object{{"schema", kSchema},
                      {"digest", report.digest},
                      {"verdict", ToString(report.verdict)},
                      {"cause", ToString(report.cause)},
                      {"reason", ReasonCode(report.verdict, report.cause)},
                      {"detail", report.detail},
                      {"rules", report.rules},
                      {"title", report.title},
                      {"platforms", std::move(platforms)}};
}

Result<Report> ReportFromJson(const json::Value& value) {
  const std::string where = "report";
  XZGATE_ASSIGN(const std::string schema, json::GetString(value, "schema", where));
  if (schema != kSchema) {
    return InvalidArgument("report: schema: want \"" + std::string(kSchema) + "\", found \"" +
                           schema + "\"");
  }
  Report report;
  XZGATE_ASSIGN(report.digest, json::GetString(value, "digest", where));
  XZGATE_ASSIGN(report.verdict, GetVerdict(value, where));
  XZGATE_ASSIGN(report.cause, GetCause(value, where));
  XZGATE_ASSIGN(report.detail, json::GetString(value, "detail", where));
  XZGATE_ASSIGN(report.rules, json::GetString(value, "rules", where));
  XZGATE_ASSIGN(report.title, json::GetStringOr(value, "title", "", where));
  XZGATE_ASSIGN(const json::Array* platforms, json::GetArrayOrEmpty(value, "platforms", where));
  for (std::size_t i = 0; i < platforms->size(); ++i) {
    const std::string place = where + ".platforms[" + std::to_string(i) + "]";
    XZGATE_ASSIGN(PlatformReport one, PlatformFromJson((*platforms)[i], place));
    report.platforms.push_back(std::move(one));
  }
  return report;
}

}  // namespace xzgate::rules
