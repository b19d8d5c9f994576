#pragma once

namespace xzgate::cmd {

// What stands below the options in the help of each command: examples, as they can be typed.
inline constexpr const char* kExamples = R"(Examples:
  xzgate scan debian:12                                is this image affected? (exit 0 no, 1 yes, 3 cannot tell)
  xzgate scan --format json oci:./build/layout:app     an OCI layout on disk, for CI
  xzgate verify --key cosign.pub reg.example/api:1     is it signed with this key? (exit 0 yes, 1 no, 3 cannot tell)
  xzgate explain deployment.yaml --policy policy.yaml  what would the gate say, and why?
  xzgate config check xzgate.yaml policies/            every mistake in one go
  xzgate serve --config /etc/xzgate/xzgate.yaml        the admission webhook with its scanner

"xzgate COMMAND --help" or "xzgate help COMMAND" says more. Documentation: docs/ in the source tree; reason codes: docs/reasons.md)";

inline constexpr const char* kScanExamples = R"(Examples:
  xzgate scan debian:12 alpine:3.20
  xzgate scan --ca ca.crt --docker-config ~/.docker reg.example:5000/shop/api:1.4
  xzgate scan --platform linux/amd64 --format json oci:./layout

Credentials come from --docker-config DIR alone: without it every registry is asked anonymously, whatever ~/.docker holds.
Credential helpers (credsStore, credHelpers) are not supported.
Exit codes: 0 nothing found, 1 findings, 2 usage, 3 could not decide, or the report could not be written; the worst
image counts.)";

inline constexpr const char* kVerifyExamples = R"(Examples:
  xzgate verify --key cosign.pub reg.example/shop/api:1.4
  xzgate verify --certificate-identity dev@example.com --certificate-oidc-issuer https://accounts.google.com reg.example/app:2
  xzgate verify --certificate-identity-regexp '^https://github[.]com/acme/shop/[.]github/workflows/[^@]+@refs/heads/main$' \
    --certificate-oidc-issuer https://token.actions.githubusercontent.com reg.example/shop/api:1.4
  xzgate verify --policy policies/ --namespace shop reg.example/shop/api:1.4     what the gate asks of it
  xzgate verify --key cosign.pub --attestation slsaprovenance1 reg.example/shop/api:1.4
  xzgate verify --key cosign.pub --bundle app.sigstore.json app.tar.gz           a file; or sha256:HEX in its place
  xzgate verify --key cosign.pub --attestation slsaprovenance1 --bundle app.intoto.json app.tar.gz
  xzgate verify --key cosign.pub --store xz.db reg.example/shop/api:1.4          keep what the registry said, and then
  xzgate verify --key cosign.pub --store xz.db --offline reg.example/shop/api:1.4

Trust never comes from the network: keys and trust roots are files, or the built-in root of the public Sigstore.
A key needs no log entry and no timestamp unless --require-tlog; a certificate needs an SCT, a log entry and a trusted time.
Exit codes: 0 verified, or not required by the policy (with --must-verify that is 1); 1 not verified; 2 usage; 3 could not
decide (registry, damage, an expired trust root), or the report could not be written. Of several images 1 counts before 3,
and 3 before 0. docs/signatures.md explains every reason, and has a table of cosign's flags.)";

inline constexpr const char* kExplainExamples = R"(Examples:
  xzgate explain reg.example/shop/api:1.4
  xzgate explain deployment.yaml --policy policies/ --namespace shop

Of a manifest, Pods and pod templates are read, in lists too; what is skipped is named on standard error.
Credentials come from --docker-config DIR alone: without it every registry is asked anonymously, whatever ~/.docker holds.
Credential helpers (credsStore, credHelpers) are not supported.
Exit codes: 0 nothing found, 1 findings, also when a policy in mode enforce denies (a tag where a digest is required, an
invalid reference in a manifest), 2 usage, 3 could not decide, or the report could not be written; the worst image counts.)";

inline constexpr const char* kServeExamples = R"(Example:
  xzgate serve --config /etc/xzgate/xzgate.yaml
docs/configuration.md has a complete file. SIGTERM stops in order: not ready, drain, exit 0. Exit 2: could not start.)";

inline constexpr const char* kWebhookExamples = R"(Example:
  xzgate webhook --config /etc/xzgate/xzgate.yaml     beside an "xzgate scanner" on the same store.path
Without a scanner nothing is ever read: images stay "pending". "xzgate serve" runs both.
SIGTERM stops in order: not ready, drain, exit 0. Exit 2: could not start.)";

inline constexpr const char* kScannerExamples = R"(Example:
  xzgate scanner --config /etc/xzgate/xzgate.yaml     beside an "xzgate webhook" on the same store.path
Health and metrics are at scanner.listen. SIGTERM: scans under way go back to the queue, exit 0. Exit 2: could not start.)";

inline constexpr const char* kConfigExamples = R"(Example:
  xzgate config check xzgate.yaml policies/)";

inline constexpr const char* kCheckExamples = R"(Examples:
  xzgate config check /etc/xzgate/xzgate.yaml
  xzgate config check xzgate.yaml policies/ rules.yaml    of a folder its *.yaml and *.yml

A file with kind ImagePolicy or RulePack is read as such, one without a kind as a configuration. A path that a
configuration names and that does not exist here is a note. Exit codes: 0 no mistakes, 2 mistakes, all of them printed.)";

inline constexpr const char* kVersionExamples = R"(Example:
  xzgate version                                      the same as "xzgate --version")";

}  // namespace xzgate::cmd
