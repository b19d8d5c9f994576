#include "cmd/signer_options.h"

#include <CLI/CLI.hpp>

namespace xzgate::cmd {
namespace {

// As in command_line.cc: one value each time.
CLI::Option* Repeatable(CLI::Option* option) {
  return option->allow_extra_args(false);
}

}  // namespace

void AddSignerFlags(CLI::App& command, SignerFlags& flags) {
  Repeatable(command.add_option("--key", flags.keys, "PEM file with a public key; any of them"))
      ->type_name("FILE");
  command
      .add_option("--certificate-identity", flags.identity,
                  "e-mail address or workflow that the certificate must name")
      ->type_name("TEXT");
  command
      .add_option("--certificate-identity-regexp", flags.identity_expression,
                  "the same as an RE2 expression, anchored at both ends: ^…$")
      ->type_name("RE2");
  command
      .add_option("--certificate-oidc-issuer", flags.issuer,
                  "issuer that vouched for the identity, compared as text")
      ->type_name("URL");
  command
      .add_option("--certificate-oidc-issuer-regexp", flags.issuer_expression,
                  "the same as an RE2 expression, anchored at both ends")
      ->type_name("RE2");
  Repeatable(command.add_option("--certificate-extension", flags.extensions,
                                "extension of Fulcio's that the certificate must have, such as "
                                "sourceRepositoryRef=refs/heads/main; all of them"))
      ->type_name("NAME=VALUE");
  Repeatable(command.add_option("--trusted-root", flags.trusted_roots,
                                "trusted_root.json (default: the public Sigstore's, built in)"))
      ->type_name("FILE");
  command.add_flag("--require-tlog", flags.require_tlog,
                   "with --key: an entry of a transparency log as well");
  Repeatable(command.add_option("--attestation", flags.attestations,
                                "want an attestation of this type instead of a signature (with "
                                "--bundle one at most): a URI, or slsaprovenance1, spdxjson, "
                                "cyclonedx, vuln, openvex, …"))
      ->type_name("TYPE");
  Repeatable(command.add_option("--annotation", flags.annotations,
                                "annotation that must be signed with it"))
      ->type_name("NAME=VALUE");
  command
      .add_option("--signature-repository", flags.signature_repository,
                  "look for signatures here (default: the image's own repository)")
      ->type_name("HOST/PATH");
}

}  // namespace xzgate::cmd
