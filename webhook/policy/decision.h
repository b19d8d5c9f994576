#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scanner/oci/reference.h"
#include "scanner/rules/report.h"
#include "scanner/signature/report.h"
#include "webhook/admission/review.h"
#include "webhook/policy/pod_findings.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// What is known of one image use when the decision is made. A value.
struct JudgedUse {
  admission::ImageUse use;
  std::optional<oci::Reference>
      reference;  // absent: `problem` says why it could not be read (PL002)
  std::optional<oci::PinnedReference> pinned;  // absent: not resolved
  std::optional<Error> problem;                // the reference, or the registry when resolving
  std::string problem_code;                    // "RG001", "PL002", "" if none
  rules::Report report;                        // `unknown` with its cause where there is none
  std::string scan_state;  // for pending: "queued", "being scanned", "postponed until …: …"
  // One for each of PolicySet::RequirementsFor(repository, namespace), in that order; one that is
  // missing counts as not verified yet (SG018).
  std::vector<signature::Report> signatures = {};
};

// What the policy concludes for one image use.
struct UseDecision {
  JudgedUse judged;
  std::string policy;  // name of the rule's document, "default" for the built-in
  Mode mode = Mode::kEnforce;
  Action action = Action::kAllow;  // before the mode is applied
  std::string reason_code;         // "XZ001"
  std::string reason;  // closed word for metrics: "affected", "pending", "digest_required",
                       // "invalid_reference", "unsigned"
  std::string message_suffix;
  // Of its signatures: the worst over every entry of the policy that covers the image.
  signature::Outcome signatures = signature::Outcome::kNotRequired;
  signature::Reason signature_reason = signature::Reason::kNone;
  Action signature_action = Action::kAllow;  // what they alone would lead to
  std::string signature_detail = {};         // one sentence: of the entry that decided
  std::vector<std::string> vouched_by = {};  // names of authorities, each once
  // The entry that is not met; null where none is.
  std::shared_ptr<const signature::Requirement> unmet = nullptr;
  bool outvoted = false;  // verified signatures made a warning of what the verdict leads to
  // Of a pod template: something is not known yet, which only warns. The Pod is the gate.
  bool pod_decides = false;
  // About the container, and of one use also about its pod.
  std::vector<PodFinding> findings = {};
};

// What the policy concludes for one request: the worst use decides. Blocked = deny in enforce;
// would be blocked = deny in warn or audit.
struct Decision {
  Action action = Action::kAllow;  // after modes: what is done
  bool would_block = false;        // denied by a rule in warn or audit mode
  Mode mode = Mode::kEnforce;      // of the deciding use
  std::string reason_code;
  std::string reason;
  std::vector<UseDecision> uses;  // worst first
};

// Whether the answer is there before anything is looked up: an object that is being deleted, and a
// scale-down, always pass.
bool PassesUnjudged(const admission::Request& request);

// Mirror pods show what a node's static pods run; refusing one hides it and stops nothing
// (kubernetes.md 1.8). Only a node's own word counts.
bool IsMirrorOfNode(const admission::Request& request);

// Pure: (request, what is known of its uses, policies) -> decision. Unchanged uses never deny: they
// warn (design.md section 4, "only what is new is judged"), and so does a kind that is not known.
Decision Decide(const admission::Request& request, std::vector<JudgedUse> uses,
                const PolicySet& policies);

// The answer in words: message under 1,000 characters, worst image first, every bad image named
// (design.md section 7), warnings and audit annotations.
admission::Response ToResponse(const admission::Request& request, const Decision& decision);

}  // namespace xzgate::policy
