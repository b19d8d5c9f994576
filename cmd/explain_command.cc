#include "cmd/explain_command.h"

#include <filesystem>
#include <map>
#include <utility>

#include <cstdio>

#include "base/byte_source.h"
#include "cmd/exit_code.h"
#include "cmd/explain_text.h"
#include "cmd/local_path.h"
#include "cmd/manifest_file.h"
#include "cmd/policy_files.h"
#include "cmd/progress_bar.h"
#include "scanner/registry/layout_reference.h"

namespace xzgate::cmd {
namespace {

constexpr std::string_view kCommand = "explain";
constexpr std::size_t kMaxManifestFileBytes = 4 * 1024 * 1024;

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

Result<Manifest> ReadObjects(const std::string& file, const std::string& namespace_name) {
  XZGATE_ASSIGN(const std::string text, ReadFile(file, kMaxManifestFileBytes));
  return ReadManifest(text, file, namespace_name);
}

// Whether the image is refused because nobody could tell who signed it.
bool IsRefusedUnverified(const policy::UseDecision& use) {
  return use.action == policy::Action::kDeny && use.mode == policy::Mode::kEnforce &&
         use.signatures == signature::Outcome::kUndecided &&
         use.signature_reason != signature::Reason::kNoRequirement &&
         use.reason_code == signature::Code(use.signature_reason);
}

// Whether a policy refuses the image whatever else may be found out about it. Of one that could not
// be decided the exit code says just that.
bool IsDenied(const policy::UseDecision& use) {
  const rules::Report& report = use.judged.report;
  const bool for_being_unknown = report.verdict == rules::Verdict::kUnknown &&
                                 use.reason_code == rules::ReasonCode(report.verdict, report.cause);
  return use.action == policy::Action::kDeny && use.mode == policy::Mode::kEnforce &&
         !for_being_unknown && !IsRefusedUnverified(use);
}

// Explains objects one by one, and keeps what the exit code depends on. Confined to one thread;
// borrows its parts.
class Explainer {
 public:
  Explainer(ScanSession& session, const policy::PolicySet& policies, const Clock& clock)
      : session_(session), policies_(policies), bar_(clock) {}

  // Of an image that was typed, `oci:DIR` too.
  Explained ExplainTyped(ManifestObject object) {
    Explained explained = Explain(std::move(object), &ScanSession::Scan);
    is_usage_ = bad_reference_;
    for (const auto& image : scanned_) {
      if (!image.pinned) PrintHint(kCommand, image.name);
    }
    return explained;
  }

  // Of a manifest, whose images are references only: what it says leads to no folder of this
  // machine.
  Explained ExplainManifest(ManifestObject object) {
    return Explain(std::move(object), &ScanSession::ScanReference);
  }

  int code() const {
    if (is_usage_) return kUsage;
    if (bad_reference_ || denied_) return kFindings;
    const int code = ExitCodeOf(scanned_);
    return code == kNothingFound && unverified_ ? kUndecided : code;
  }

 private:
  using Scan = Result<ScannedImage> (ScanSession::*)(const std::string&, const worker::Progress&);

  Explained Explain(ManifestObject object, Scan scan) {
    std::vector<policy::JudgedUse> uses;
    for (const auto& use : object.request.uses)
      uses.push_back(Judge(use, object.request.namespace_name, scan));
    policy::Decision decision = policy::Decide(object.request, std::move(uses), policies_);
    for (const auto& use : decision.uses) {
      denied_ = denied_ || IsDenied(use);
      unverified_ = unverified_ || IsRefusedUnverified(use);
    }
    admission::Response response = policy::ToResponse(object.request, decision);
    return {std::move(object), std::move(decision), std::move(response),
            std::exchange(entries_, {})};
  }

  policy::JudgedUse Judge(const admission::ImageUse& use, const std::string& namespace_name,
                          Scan scan) {
    policy::JudgedUse judged{.use = use,
                             .reference = {},
                             .pinned = {},
                             .problem = {},
                             .problem_code = {},
                             .report = {},
                             .scan_state = {}};
    auto image = (session_.*scan)(use.reference, bar_.For(use.reference));
    if (!image) {
      bad_reference_ = true;
      judged.problem = image.error();
      judged.problem_code = "PL002";
      return judged;
    }
    const bool is_layout =
        scan == &ScanSession::Scan && registry::LayoutReference::IsLayout(use.reference);
    judged.reference =
        oci::Reference::Parse(is_layout ? std::string(kLayoutHost) + "/layout" : use.reference)
            .value();
    judged.pinned = image->pinned;
    judged.report = image->report;
    const auto wanted = policies_.RequirementsFor(judged.reference->repository(), namespace_name);
    judged.signatures = session_.VerifySignatures(*image, wanted);
    for (const auto& sealed : wanted) entries_[use.field].push_back(sealed.requirement->entry);
    scanned_.push_back(std::move(*image));
    return judged;
  }

  ScanSession& session_;
  const policy::PolicySet& policies_;
  ProgressBar bar_;
  std::vector<ScannedImage> scanned_;
  std::map<std::string, std::vector<std::string>> entries_;  // of the object at hand
  bool bad_reference_ = false;
  bool is_usage_ = false;  // it was typed
  bool denied_ = false;
  bool unverified_ = false;
};

// Every object that `target` names, explained.
Result<std::vector<Explained>> ExplainAll(const ExplainFlags& flags, const std::string& target,
                                          Explainer& explainer) {
  std::vector<Explained> all;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(target, ignored)) {
    XZGATE_ASSIGN(auto manifest, ReadObjects(target, flags.namespace_name));
    for (const auto& skipped : manifest.skipped)
      std::fputs(("xzgate explain: note: " + skipped + "\n").c_str(), stderr);
    for (auto& object : manifest.objects)
      all.push_back(explainer.ExplainManifest(std::move(object)));
  } else {
    XZGATE_RETURN_IF_ERROR(CheckMeansImage(target));
    all.push_back(explainer.ExplainTyped(AsPod(target, flags.namespace_name)));
  }
  return all;
}

}  // namespace

int RunExplain(const ExplainFlags& flags, const std::string& target) {
  const SystemClock clock;
  const auto logger = log::MakeStderrLogger(log::Format::kText, log::Level::kError);
  const auto policies = LoadPolicies(flags.policies);
  if (!policies) return UsageError(kCommand, Annotate(policies.error(), "--policy").error());
  const auto session = ScanSession::Create(flags.scan, clock, *logger);
  if (!session) return UsageError(kCommand, session.error());
  Explainer explainer(**session, *policies, clock);
  const auto all = ExplainAll(flags, target, explainer);
  if (!all) return UsageError(kCommand, all.error());
  const bool as_json = flags.scan.format == OutputFormat::kJson;
  std::fputs((as_json ? ExplainJson(*all) : ExplainText(*all)).c_str(), stdout);
  return explainer.code();
}

}  // namespace xzgate::cmd
