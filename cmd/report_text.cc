#include "cmd/report_text.h"

#include <fmt/format.h>

#include "base/json/value.h"
#include "base/text.h"

namespace xzgate::cmd {
namespace {

std::string EvidenceLine(const rules::Evidence& evidence, std::size_t layer_count) {
  std::string line =
      fmt::format("{:4} {:20} {}", evidence.id, evidence.kind, EscapeOnce(evidence.summary, 300));
  if (evidence.layer > 0) line += fmt::format(", layer {} of {}", evidence.layer, layer_count);
  if (evidence.historical) line += ", hidden by a higher layer";
  return line;
}

}  // namespace

std::string VerdictText(rules::Verdict verdict, rules::Cause cause) {
  std::string text(rules::ToString(verdict));
  if (verdict == rules::Verdict::kUnknown && cause != rules::Cause::kNone)
    text += " (" + std::string(rules::ToString(cause)) + ")";
  return text + " [" + std::string(rules::ReasonCode(verdict, cause)) + "]";
}

std::string ReportBlock(const rules::Report& report, const std::string& indent) {
  std::string text;
  if (report.platforms.size() != 1) text += indent + EscapeOnce(report.detail, 600) + "\n";
  for (const auto& platform : report.platforms) {
    const std::string name = platform.platform.ToString();
    text += indent + fmt::format("{}  {}{}\n", name.empty() ? "unknown platform" : Escape(name),
                                 VerdictText(platform.verdict, platform.cause),
                                 platform.deciding ? "" : ", not deciding");
    if (!platform.detail.empty())
      text += indent + "  why   " + EscapeOnce(platform.detail, 600) + "\n";
    for (const auto& evidence : platform.evidence)
      text += indent + "  " + EvidenceLine(evidence, platform.layer_count) + "\n";
    for (const auto& note : platform.notes)
      text += indent + "  note  " + EscapeOnce(note, 300) + "\n";
    if (!platform.fix.empty()) text += indent + "  fix   " + EscapeOnce(platform.fix, 300) + "\n";
  }
  return text;
}

std::string ScanTable(const std::vector<ScannedImage>& images) {
  std::string text;
  for (const auto& image : images) {
    text += Escape(image.name) + "\n";
    text += "  verdict  " + VerdictText(image.report.verdict, image.report.cause) + "\n";
    if (image.pinned) text += "  digest   " + image.pinned->digest().ToString() + "\n";
    text += "  rules    " + image.report.rules + "\n";
    text += ReportBlock(image.report, "  ");
  }
  return text;
}

std::string ScanJson(const std::vector<ScannedImage>& images, const std::string& rules) {
  json::Array list;
  for (const auto& image : images) {
    list.emplace_back(json::Object{
        {"name", image.name},
        {"image", image.pinned ? json::Value(image.pinned->ToString()) : json::Value()},
        {"reason", rules::ReasonCode(image.report.verdict, image.report.cause)},
        {"report", rules::ToJson(image.report)}});
  }
  return json::Encode(
             json::Object{
                 {"schema", "xzgate.dev/scan/v1"}, {"rules", rules}, {"images", std::move(list)}},
             2) +
         "\n";
}

}  // namespace xzgate::cmd
