#include "cmd/explain_command.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>

#include "base/byte_source.h"
#include "base/json/value.h"
#include "base/text.h"
#include "cmd/manifest_file.h"
#include "cmd/policy_files.h"
#include "cmd/progress_bar.h"
#include "cmd/report_text.h"
#include "scanner/registry/layout_reference.h"
#include "webhook/policy/decision.h"

namespace xzgate::cmd {
namespace {

constexpr int kUsage = 2;
constexpr std::size_t kMaxManifestFileBytes = 4 * 1024 * 1024;

int UsageError(const Error& error) {
  std::fprintf(stderr, "xzgate explain: %s\n", error.message().c_str());
  return kUsage;
}

bool IsFile(const std::string& target) {
  struct stat info = {};
  return ::stat(target.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// A lone image stands for a container of a new pod.
ManifestObject AsPod(const std::string& image, const std::string& namespace_name) {
  ManifestObject object{.title = "image as a container in namespace " + namespace_name,
                        .request = {}};
  object.request.uid = "explain";
  object.request.resource = "pods";
  object.request.namespace_name = namespace_name;
  object.request.dry_run = true;
  object.request.uses.push_back({.kind = admission::UseKind::kContainer,
                                 .name = "image",
                                 .field = "spec.containers[0].image",
                                 .reference = image,
                                 .pull_policy = "",
                                 .unchanged = false});
  return object;
}

policy::JudgedUse Judge(const admission::ImageUse& use, const ScannedImage* scanned,
                        const Error* problem) {
  policy::JudgedUse judged{.use = use,
                           .reference = {},
                           .pinned = {},
                           .problem = {},
                           .problem_code = {},
                           .report = {},
                           .scan_state = {}};
  if (auto reference = oci::Reference::Parse(use.reference))
    judged.reference = std::move(*reference);
  // A layout has no reference; what applies to every image applies to it.
  if (registry::LayoutReference::IsLayout(use.reference)) {
    judged.reference = oci::Reference::Parse("oci-layout.invalid/layout").value();
  }
  if (problem != nullptr) {
    judged.problem = *problem;
    judged.problem_code = "PL002";
  }
  if (scanned != nullptr) {
    judged.pinned = scanned->pinned;
    judged.report = scanned->report;
    // A layout has no registry reference; its decision is that of an image the default applies to.
    if (!judged.reference && scanned->pinned)
      judged.reference = oci::Reference::Parse(scanned->pinned->ToString()).value();
  }
  return judged;
}

struct Explained {
  ManifestObject object;
  policy::Decision decision;
  admission::Response response;
};

std::string Steps(const policy::UseDecision& use) {
  const policy::JudgedUse& judged = use.judged;
  std::string text = fmt::format("{} {} at {}\n", admission::ToString(judged.use.kind),
                                 Quote(judged.use.name), judged.use.field);
  text += "  1 reference   " + Escape(judged.use.reference) + "\n";
  text += "  2 normalised  " +
          (judged.reference
               ? judged.reference->ToString()
               : (judged.problem ? "not a reference: " + judged.problem->message() : "-")) +
          "\n";
  text += "  3 digest      " +
          (judged.pinned ? judged.pinned->ToString()
                         : "not resolved: " + Escape(judged.report.detail, 400)) +
          "\n";
  const std::size_t platforms = judged.report.platforms.size();
  text += fmt::format("  4 scan        {} platform{}, rules {}\n", platforms,
                      platforms == 1 ? "" : "s", judged.report.rules);
  text += ReportBlock(judged.report, "      ");
  text += fmt::format("  5 verdict     {} [{}]\n", rules::ToString(judged.report.verdict),
                      rules::ReasonCode(judged.report.verdict, judged.report.cause));
  text += fmt::format("  6 policy      {}, mode {}: {} [{} {}]\n", Quote(use.policy),
                      policy::ToString(use.mode), policy::ToString(use.action), use.reason_code,
                      use.reason);
  return text;
}

std::string Table(const Explained& explained) {
  std::string text = explained.object.title + "\n";
  for (const auto& use : explained.decision.uses) text += Steps(use);
  text += fmt::format("decision: {}{}\n", policy::ToString(explained.decision.action),
                      explained.decision.would_block ? " (would be denied in enforce mode)" : "");
  if (!explained.response.allowed) text += explained.response.message + "\n";
  for (const auto& warning : explained.response.warnings) text += "Warning: " + warning + "\n";
  return text;
}

json::Value AsJson(const Explained& explained) {
  json::Array uses;
  for (const auto& use : explained.decision.uses) {
    uses.emplace_back(json::Object{
        {"field", use.judged.use.field},
        {"reference", use.judged.use.reference},
        {"normalised",
         use.judged.reference ? json::Value(use.judged.reference->ToString()) : json::Value()},
        {"image", use.judged.pinned ? json::Value(use.judged.pinned->ToString()) : json::Value()},
        {"report", rules::ToJson(use.judged.report)},
        {"policy", use.policy},
        {"mode", policy::ToString(use.mode)},
        {"action", policy::ToString(use.action)},
        {"reason", use.reason_code}});
  }
  return json::Object{{"object", explained.object.title},
                      {"decision", policy::ToString(explained.decision.action)},
                      {"wouldBlock", explained.decision.would_block},
                      {"message", explained.response.message},
                      {"uses", std::move(uses)}};
}

Result<std::vector<ManifestObject>> Objects(const std::string& target,
                                            const std::string& namespace_name) {
  if (!IsFile(target)) return std::vector<ManifestObject>{AsPod(target, namespace_name)};
  XZGATE_ASSIGN(const std::string text, ReadFile(target, kMaxManifestFileBytes));
  return ReadManifest(text, target, namespace_name);
}

}  // namespace

int RunExplain(const ExplainFlags& flags, const std::string& target) {
  const SystemClock clock;
  const auto logger = log::MakeStderrLogger(log::Format::kText, log::Level::kError);
  const auto policies = LoadPolicies(flags.policies);
  if (!policies) return UsageError(policies.error());
  auto objects = Objects(target, flags.namespace_name);
  if (!objects) return UsageError(objects.error());
  const auto session = ScanSession::Create(flags.scan, clock, *logger);
  if (!session) return UsageError(session.error());

  std::vector<ScannedImage> scanned;
  std::vector<Explained> all;
  bool bad_reference = false;
  ProgressBar bar(clock);
  for (auto& object : *objects) {
    std::vector<policy::JudgedUse> uses;
    for (const auto& use : object.request.uses) {
      auto image = (*session)->Scan(use.reference, bar.For(use.reference));
      bad_reference = bad_reference || !image;
      uses.push_back(Judge(use, image ? &*image : nullptr, image ? nullptr : &image.error()));
      if (image) scanned.push_back(std::move(*image));
    }
    policy::Decision decision = policy::Decide(object.request, std::move(uses), *policies);
    admission::Response response = policy::ToResponse(object.request, decision);
    all.push_back({std::move(object), std::move(decision), std::move(response)});
  }
  std::string text;
  if (flags.scan.format == OutputFormat::kJson) {
    json::Array list;
    for (const auto& one : all) list.push_back(AsJson(one));
    text = json::Encode(
               json::Object{{"schema", "xzgate.dev/explain/v1"}, {"objects", std::move(list)}}, 2) +
           "\n";
  } else {
    for (const auto& one : all) text += Table(one);
  }
  std::fputs(text.c_str(), stdout);
  const int code = ExitCodeOf(scanned);
  return code == 0 && bad_reference ? kUsage : code;
}

}  // namespace xzgate::cmd
