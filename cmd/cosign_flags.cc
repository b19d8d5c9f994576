#include "cmd/cosign_flags.h"

#include <algorithm>
#include <cstdio>

namespace xzgate::cmd {
namespace {

struct CosignFlag {
  std::string_view name;
  std::string_view here;  // what stands for it; or, as a sentence, why nothing does
  bool is_sentence = false;
};

constexpr std::string_view kNoLog =
    "leave it out: a key needs no log unless --require-tlog, and a certificate always needs one";
constexpr std::string_view kOwnAuthority =
    "an authority of one's own is the \"certificate\" of a policy: --policy FILE";
constexpr std::string_view kNoNetwork =
    "leave it out: trust never comes from the network; --trusted-root FILE";
constexpr std::string_view kBothForms = "leave it out: whatever is there is tried";

// cosign 3: cmd/cosign/cli/options.
constexpr CosignFlag kFlags[] = {
    {"--type", "--attestation TYPE"},
    {"-o", "--format json"},
    {"--output", "--format json"},
    {"-a", "--annotation NAME=VALUE"},
    {"--annotations", "--annotation NAME=VALUE"},
    {"--certificate-github-workflow-name", "--certificate-extension githubWorkflowName=VALUE"},
    {"--certificate-github-workflow-ref", "--certificate-extension githubWorkflowRef=VALUE"},
    {"--certificate-github-workflow-repository",
     "--certificate-extension githubWorkflowRepository=VALUE"},
    {"--certificate-github-workflow-sha", "--certificate-extension githubWorkflowSHA=VALUE"},
    {"--certificate-github-workflow-trigger",
     "--certificate-extension githubWorkflowTrigger=VALUE"},
    {"--allow-http-registry", "--plain-http"},
    {"--allow-insecure-registry", "--plain-http, or --ca FILE"},
    {"--registry-cacert", "--ca FILE"},
    {"--registry-username", "--docker-config DIR"},
    {"--registry-password", "--docker-config DIR"},
    {"--registry-token", "--docker-config DIR"},
    {"--k8s-keychain", "--docker-config DIR"},
    {"--timestamp-certificate-chain", "--trusted-root FILE"},
    {"--local-image", "oci:DIR in place of the image"},
    {"--ca-roots", kOwnAuthority, true},
    {"--ca-intermediates", kOwnAuthority, true},
    {"--certificate-chain", kOwnAuthority, true},
    {"--certificate", "leave it out: the certificate comes with the signature", true},
    {"--signature", "a detached signature is not read: sign into a bundle, and --bundle FILE",
     true},
    {"--payload", "leave it out: what was signed comes with the signature", true},
    {"--insecure-ignore-tlog", kNoLog, true},
    {"--private-infrastructure", kNoLog, true},
    {"--insecure-ignore-sct", kOwnAuthority, true},
    {"--use-signed-timestamps", "leave it out: a policy asks by \"requireTimestamp\"", true},
    {"--check-claims", "leave it out: what was signed is always checked", true},
    {"--rekor-url", kNoNetwork, true},
    {"--sk", "export the public half, and --key FILE", true},
    {"--new-bundle-format", kBothForms, true},
    {"--experimental-oci11", kBothForms, true},
    {"--attachment", kBothForms, true},
    {"--max-workers", "leave it out: there is nothing to share out", true},
};

}  // namespace

std::optional<std::string> HintForCosignFlag(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  const auto* found = std::ranges::find(kFlags, name, &CosignFlag::name);
  if (found == std::ranges::end(kFlags)) return std::nullopt;
  const std::string flag = "cosign's " + std::string(name);
  if (found->is_sentence) return flag + ": " + std::string(found->here);
  return flag + " is " + std::string(found->here) + " here";
}

void HintAtCosign(std::string_view command, const std::vector<std::string>& typed) {
  if (command != "verify") return;
  for (const auto& word : typed) {
    if (const auto hint = HintForCosignFlag(word))
      std::fputs(("xzgate verify: hint: " + *hint + "\n").c_str(), stderr);
  }
}

}  // namespace xzgate::cmd
