#include "cmd/command_line.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "cmd/config_command.h"
#include "cmd/explain_command.h"
#include "cmd/scan_command.h"
#include "cmd/services.h"
#include "cmd/version.h"

namespace xzgate::cmd {
namespace {

constexpr int kUsage = 2;

constexpr const char* kExamples = R"(Examples:
  xzgate scan debian:12                                is this image affected? (exit 0 no, 1 yes, 3 cannot tell)
  xzgate scan --format json oci:./build/layout:app     an OCI layout on disk, for CI
  xzgate explain deployment.yaml --policy policy.yaml  what would the gate say, and why?
  xzgate config check xzgate.yaml policies.yaml        every mistake in one go
  xzgate serve --config /etc/xzgate/xzgate.yaml        the admission webhook with its scanner

Documentation: docs/ in the source tree; reason codes: docs/reasons.md)";

constexpr const char* kScanExamples = R"(Examples:
  xzgate scan debian:12 alpine:3.20
  xzgate scan --ca ca.crt --docker-config ~/.docker reg.example:5000/shop/api:1.4
  xzgate scan --platform linux/amd64 --format json oci:./layout

Exit codes: 0 nothing found, 1 findings, 2 usage, 3 could not decide; the worst image counts.)";

constexpr const char* kExplainExamples = R"(Examples:
  xzgate explain reg.example/shop/api:1.4
  xzgate explain deployment.yaml --policy policies/ --namespace shop

Exit codes: 0 nothing found, 1 findings, 2 usage, 3 could not decide; the worst image counts.)";

constexpr const char* kServeExamples = R"(Example:
  xzgate serve --config /etc/xzgate/xzgate.yaml
docs/configuration.md has a complete file. SIGTERM stops in order: not ready, drain, exit 0. Exit 2: could not start.)";

// An option that may be repeated takes one value each time: what follows is an image, not another
// value.
CLI::Option* Repeatable(CLI::Option* option) {
  return option->allow_extra_args(false);
}

void AddScanFlags(CLI::App& command, ScanFlags& flags) {
  static const std::vector<std::pair<std::string, OutputFormat>> kFormats = {
      {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}};
  command.add_flag("--plain-http", flags.plain_http, "the registries of this call have no TLS");
  Repeatable(command.add_option("--ca", flags.ca,
                                "PEM file with authorities to trust besides the system's"))
      ->type_name("FILE");
  command
      .add_option("--docker-config", flags.docker_config,
                  "folder of a Docker config.json with credentials")
      ->type_name("DIR");
  command.add_option("--rules", flags.rules, "rule pack instead of the built-in one")
      ->type_name("FILE");
  command
      .add_option("--store", flags.store,
                  "keep facts here, and read each layer once; without it nothing is kept")
      ->type_name("PATH");
  Repeatable(command.add_option("--platform", flags.platforms,
                                "platform that decides (default: every Linux platform)"))
      ->type_name("OS/ARCH");
  command.add_option("--format", flags.format, "table or json")
      ->transform(CLI::CheckedTransformer(kFormats))
      ->type_name("FORMAT");
}

// What was chosen; its `run` is called once the whole line was read without mistakes.
struct Choice {
  std::string config;
  ScanFlags scan;
  std::vector<std::string> images;
  ExplainFlags explain;
  std::string target;
  std::vector<std::string> files;
  std::function<int()> run;
};

void AddServices(CLI::App& app, Choice& choice) {
  const auto add = [&app, &choice](const char* name, const char* what,
                                   int (*run)(const std::string&)) {
    CLI::App* command = app.add_subcommand(name, what)->footer(kServeExamples);
    command->add_option("--config", choice.config, "configuration file")
        ->required()
        ->type_name("FILE");
    command->callback(
        [&choice, run] { choice.run = [&choice, run] { return run(choice.config); }; });
  };
  add("serve", "run the admission webhook and, as a process of its own, the scanner", RunServe);
  add("webhook", "run the admission webhook only", RunWebhook);
  add("scanner", "run the background scanner only", RunScanner);
}

void AddCommands(CLI::App& app, Choice& choice) {
  CLI::App* scan =
      app.add_subcommand("scan", "scan images for the xz backdoor")->footer(kScanExamples);
  AddScanFlags(*scan, choice.scan);
  scan->add_option("images", choice.images, "references, or oci:DIR[:TAG]")
      ->required()
      ->type_name("IMAGE");
  scan->callback(
      [&choice] { choice.run = [&choice] { return RunScan(choice.scan, choice.images); }; });

  CLI::App* explain = app.add_subcommand("explain", "show each step from reference to decision")
                          ->footer(kExplainExamples);
  AddScanFlags(*explain, choice.explain.scan);
  Repeatable(explain->add_option("--policy", choice.explain.policies,
                                 "policy file or folder (default: the built-in policy)"))
      ->type_name("FILE");
  explain
      ->add_option("--namespace", choice.explain.namespace_name,
                   "namespace where a manifest names none")
      ->type_name("NAME");
  explain->add_option("target", choice.target, "a manifest file, or an image")
      ->required()
      ->type_name("FILE|IMAGE");
  explain->callback(
      [&choice] { choice.run = [&choice] { return RunExplain(choice.explain, choice.target); }; });

  CLI::App* config =
      app.add_subcommand("config", "work with configuration files")->require_subcommand(1);
  CLI::App* check = config->add_subcommand(
      "check", "report every mistake in configurations, policies and rule packs");
  check->add_option("files", choice.files, "files to read")->required()->type_name("FILE");
  check->callback([&choice] { choice.run = [&choice] { return RunConfigCheck(choice.files); }; });

  app.add_subcommand("version", "print the version")->callback([&choice] {
    choice.run = [] {
      std::printf("xzgate %s\n", std::string(kVersion).c_str());
      return 0;
    };
  });
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CLI::App app("xzgate keeps images with the xz-utils backdoor (CVE-2024-3094) out of Kubernetes.",
               "xzgate");
  app.footer(kExamples);
  app.require_subcommand(1);
  Choice choice;
  AddServices(app, choice);
  AddCommands(app, choice);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 speaks by exceptions; this is its one adapter. --help ends here as well, with code 0.
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  return choice.run();
}

}  // namespace xzgate::cmd
