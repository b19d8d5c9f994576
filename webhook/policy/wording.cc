// Decisions in words: what a developer reads in kubectl, in a warning, and an auditor in the audit
// log (design.md section 7).

#include <algorithm>

#include "base/text.h"
#include "webhook/policy/decision.h"
#include "webhook/policy/signature_wording.h"

namespace xzgate::policy {
namespace {

constexpr std::size_t kMaxMessageBytes =
    990;  // "under 1,000 characters"; the API server's event note ends at 1,024
constexpr std::size_t kMaxImageBytes = 160;    // of one reference in a message
constexpr std::size_t kShortImageBytes = 72;   // where many images share the message
constexpr std::size_t kMaxPlatformBytes = 64;  // an index may name its platforms as it likes
constexpr std::size_t kMaxEvidenceNamed = 2;
constexpr std::size_t kMaxDetailBytes = 360;
constexpr std::size_t kLeastBlockBytes = 300;  // below this a cut block says no more than a name
constexpr std::size_t kMoreBytes = 24;         // room for "and N more"

std::string Headline(const UseDecision& use, std::string_view what, std::size_t image_bytes) {
  return "image " + Quote(use.judged.use.reference, image_bytes) + " (" +
         std::string(admission::ToString(use.judged.use.kind)) + " " +
         Quote(use.judged.use.name, 63) + ") " + std::string(what) + " [" + use.reason_code + " " +
         use.reason + "]";
}

const rules::Evidence* FirstLayered(const rules::PlatformReport& platform) {
  const auto found = std::find_if(platform.evidence.begin(), platform.evidence.end(),
                                  [](const rules::Evidence& e) { return e.layer > 0; });
  return found == platform.evidence.end() ? nullptr : &*found;
}

std::string Findings(const rules::PlatformReport& platform) {
  std::vector<std::string> named;
  for (const auto& evidence : platform.evidence) {
    if (evidence.historical || named.size() == kMaxEvidenceNamed) continue;
    named.push_back(evidence.summary);
  }
  return named.empty() ? platform.detail : Join(named, ", ");
}

// What the rules are about; a report of an older store may lack it.
std::string Title(const rules::Report& report) {
  return report.title.empty() ? report.rules.substr(0, report.rules.find('@')) : report.title;
}

// What was found; for what is not plainly affected also why that is the verdict ("no payload
// expected in this build": xz.md 7.2).
std::string Story(const rules::Report& report, const rules::PlatformReport& platform) {
  const std::string findings = Findings(platform);
  if (report.verdict == rules::Verdict::kAffected || platform.detail.empty() ||
      findings == platform.detail)
    return findings;
  return findings + "; " + platform.detail;
}

// Whether what decided is in the pod, and not in the image.
bool IsAboutPod(const UseDecision& use) {
  return std::ranges::any_of(
      use.findings, [&use](const PodFinding& finding) { return finding.code == use.reason_code; });
}

// What was found in the pod, beside the image.
std::string FindingsText(const UseDecision& use) {
  std::vector<std::string> named;
  for (const auto& finding : use.findings) {
    named.push_back(finding.code == use.reason_code
                        ? finding.detail
                        : "[" + std::string(finding.code) + " " + std::string(finding.word) + "] " +
                              finding.detail);
  }
  return Truncate(Join(named, "; "), kMaxDetailBytes);
}

std::string PodAside(const UseDecision& use) {
  return use.findings.empty() || IsAboutPod(use) ? "" : "also: " + FindingsText(use);
}

// Why, in one line.
std::string Explanation(const UseDecision& use) {
  const JudgedUse& judged = use.judged;
  if (IsAboutPod(use)) return FindingsText(use);
  if (IsAboutSignatures(use)) return SignatureExplanation(use);
  if (use.reason_code == "PL001")
    return "this policy wants references with a digest: add @" +
           (judged.pinned ? judged.pinned->digest().ToString() : "sha256:…");
  if (judged.problem) return Truncate(judged.problem->message(), kMaxDetailBytes);
  const rules::Report& report = judged.report;
  if (report.verdict == rules::Verdict::kUnknown && report.cause == rules::Cause::kPending) {
    return "not scanned yet (" + Truncate(judged.scan_state, 200) +
           (use.pod_decides ? "); its pods are judged when they are made" : "); retry in a moment");
  }
  const rules::PlatformReport* worst = report.Worst();
  if (worst == nullptr || report.verdict == rules::Verdict::kUnknown)
    return Truncate(report.detail, kMaxDetailBytes);
  return Truncate(Title(report) + ": " + Story(report, *worst), kMaxDetailBytes);
}

// Where, and what to do.
std::string Remedy(const UseDecision& use) {
  if (IsAboutPod(use)) return {};
  if (IsAboutSignatures(use)) return SignatureRemedy(use);
  const rules::PlatformReport* worst = use.judged.report.Worst();
  if (worst == nullptr || use.judged.problem || use.reason_code == "PL001") return {};
  std::string text;
  if (const rules::Evidence* evidence = FirstLayered(*worst)) {
    const auto digest = oci::Digest::Parse(evidence->layer_digest);
    text = "layer " + std::to_string(evidence->layer) + " of " + std::to_string(worst->layer_count);
    if (digest) text += " " + digest->ToShort();
    if (use.judged.report.platforms.size() > 1) {
      text += " (" + Escape(worst->platform.ToString(), kMaxPlatformBytes) + ")";
    }
  }
  if (!worst->fix.empty()) text += (text.empty() ? "fix: " : "; fix: ") + worst->fix;
  return text;
}

std::string Block(const UseDecision& use, std::string_view what) {
  std::string block = Headline(use, what, kMaxImageBytes) + "\n  " + Explanation(use);
  if (const std::string remedy = Remedy(use); !remedy.empty()) block += "\n  " + remedy;
  if (const std::string aside = SignatureAside(use); !aside.empty()) block += "\n  " + aside;
  if (const std::string aside = PodAside(use); !aside.empty()) block += "\n  " + aside;
  return block;
}

std::string Suffixed(const std::string& block, const UseDecision& use) {
  return use.message_suffix.empty() ? block : block + "\n  " + use.message_suffix;
}

// All that `room` takes of a block, the policy's suffix first to go; nothing when there is no room
// for more than a name.
std::string Fitted(const UseDecision& use, std::size_t room, bool may_cut) {
  const std::string block = Block(use, "denied");
  if (std::string whole = Suffixed(block, use); whole.size() <= room) return whole;
  if (!may_cut || room < kLeastBlockBytes) return {};
  return Truncate(block, room);
}

bool IsDenied(const UseDecision& use) {
  return use.action == Action::kDeny && use.mode == Mode::kEnforce;
}

// The worst image as fully as can be, the others in full while they fit, else by name: none is left
// out as long as names alone fit.
std::string DenialMessage(const Decision& decision) {
  std::vector<const UseDecision*> denied;
  for (const auto& use : decision.uses) {
    if (IsDenied(use)) denied.push_back(&use);
  }
  std::size_t names_bytes = 0;  // of the names that are still to come
  for (const auto* use : denied)
    names_bytes += Headline(*use, "denied", kShortImageBytes).size() + 1;
  std::string message = "xzgate: ";
  for (std::size_t i = 0; i < denied.size(); ++i) {
    const std::string name = Headline(*denied[i], "denied", kShortImageBytes);
    names_bytes -= name.size() + 1;
    const std::size_t taken = message.size() + 1 + names_bytes;
    const std::size_t room = taken < kMaxMessageBytes ? kMaxMessageBytes - taken : 0;
    const std::string block = Fitted(*denied[i], room, /*may_cut=*/i == 0);
    const std::string& text = block.empty() ? name : block;
    if (i > 0 && text.size() > room &&
        message.size() + text.size() + 1 > kMaxMessageBytes - kMoreBytes) {
      message += "\nand " + std::to_string(denied.size() - i) + " more";
      break;
    }
    message += (i > 0 ? "\n" : "") + text;
  }
  return Truncate(message, kMaxMessageBytes);
}

std::vector<std::string> WarningLines(const Decision& decision) {
  std::vector<std::string> warnings;
  for (const auto& use : decision.uses) {
    if (use.action == Action::kAllow || IsDenied(use) || use.mode == Mode::kAudit) continue;
    const bool is_old = use.judged.use.unchanged && !IsAboutPod(use);
    const std::string_view what = is_old                        ? "already runs"
                                  : use.action == Action::kDeny ? "would be denied"
                                                                : "warning";
    std::string text = "xzgate: " + Headline(use, what, kShortImageBytes) + ": " + Explanation(use);
    for (const std::string& aside : {SignatureAside(use), PodAside(use)}) {
      if (!aside.empty()) text += "; " + aside;
    }
    warnings.push_back(std::move(text));
  }
  return warnings;
}

std::string UnknownKindWarning(const admission::Request& request) {
  return "xzgate: kind " + Quote(request.kind, 63) + " of " + Quote(request.group, 63) +
         " is not known [SY006 unknown_kind]: nothing in it was looked at; name it in "
         "admission.extraKinds";
}

}  // namespace

admission::Response ToResponse(const admission::Request& request, const Decision& decision) {
  admission::Response response;
  response.uid = request.uid;
  response.api_version = request.api_version;
  response.allowed = decision.action != Action::kDeny;
  if (!response.allowed) response.message = DenialMessage(decision);
  response.warnings = WarningLines(decision);
  if (decision.reason_code == "SY006") response.warnings.push_back(UnknownKindWarning(request));
  response.audit_annotations.emplace_back("decision", std::string(ToString(decision.action)));
  response.audit_annotations.emplace_back("mode", std::string(ToString(decision.mode)));
  response.audit_annotations.emplace_back(
      "reason", decision.reason_code.empty() ? decision.reason
                                             : decision.reason_code + " " + decision.reason);
  if (decision.would_block) response.audit_annotations.emplace_back("would-block", "true");
  if (IsMirrorOfNode(request)) response.audit_annotations.emplace_back("mirror-pod", "true");
  if (!decision.uses.empty()) {
    const UseDecision& worst = decision.uses.front();
    response.audit_annotations.emplace_back("policy", worst.policy);
    response.audit_annotations.emplace_back("image", Escape(worst.judged.use.reference));
    response.audit_annotations.emplace_back("signatures",
                                            std::string(signature::ToString(worst.signatures)));
    if (!worst.vouched_by.empty())
      response.audit_annotations.emplace_back("signed-by", Join(worst.vouched_by, ", "));
    if (worst.judged.pinned)
      response.audit_annotations.emplace_back("digest", worst.judged.pinned->digest().ToString());
  }
  return response;
}

}  // namespace xzgate::policy
