#include "cmd/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "cmd/config_command.h"
#include "cmd/cosign_flags.h"
#include "cmd/exit_code.h"
#include "cmd/explain_command.h"
#include "cmd/help_texts.h"
#include "cmd/scan_command.h"
#include "cmd/services.h"
#include "cmd/signer_options.h"
#include "cmd/verify_command.h"
#include "cmd/version.h"

namespace xzgate::cmd {
namespace {

std::string VersionLine() {
  return "xzgate " + std::string(kVersion);
}

// An option that may be repeated takes one value each time: what follows is an image, not another
// value.
CLI::Option* Repeatable(CLI::Option* option) {
  return option->allow_extra_args(false);
}

OutputFormat ParseFormat(const std::string& word) {
  if (word == "table") return OutputFormat::kTable;
  if (word == "json") return OutputFormat::kJson;
  throw CLI::ValidationError("--format", "want table or json, found " + Quote(word));
}

void AddRegistryFlags(CLI::App& command, RegistryFlags& flags) {
  command.add_flag("--plain-http", flags.plain_http, "the registries of this call have no TLS");
  Repeatable(command.add_option("--ca", flags.ca,
                                "PEM file with authorities to trust besides the system's"))
      ->type_name("FILE");
  command
      .add_option("--docker-config", flags.docker_config,
                  "folder of a Docker config.json with credentials (default: none are used)")
      ->type_name("DIR");
}

void AddFormat(CLI::App& command, OutputFormat& format) {
  command
      .add_option_function<std::string>(
          "--format", [&format](const std::string& word) { format = ParseFormat(word); },
          "table (default) or json")
      ->type_name("FORMAT");
}

void AddScanFlags(CLI::App& command, ScanFlags& flags) {
  AddRegistryFlags(command, flags.registry);
  command.add_option("--rules", flags.rules, "rule pack instead of the built-in one")
      ->type_name("FILE");
  command
      .add_option("--store", flags.store,
                  "keep facts here, and read each layer once; without it nothing is kept")
      ->type_name("PATH");
  Repeatable(command.add_option("--platform", flags.platforms,
                                "platform that decides (default: every Linux platform)"))
      ->type_name("OS/ARCH");
  AddFormat(command, flags.format);
}

// What was chosen; its `run` is called once the whole line was read without mistakes.
struct Choice {
  std::string config;
  ScanFlags scan;
  std::vector<std::string> images;
  ExplainFlags explain;
  std::string target;
  std::vector<std::string> files;
  VerifyFlags verify;
  std::function<int()> run;
};

void AddServices(CLI::App& app, Choice& choice) {
  const auto add = [&app, &choice](const char* name, const char* what, const char* examples,
                                   int (*run)(const std::string&)) {
    CLI::App* command = app.add_subcommand(name, what)->footer(examples);
    command->add_option("--config", choice.config, "configuration file")
        ->required()
        ->type_name("FILE");
    command->callback(
        [&choice, run] { choice.run = [&choice, run] { return run(choice.config); }; });
  };
  add("serve", "run the admission webhook and, as a process of its own, the scanner",
      kServeExamples, RunServe);
  add("webhook", "run the admission webhook only", kWebhookExamples, RunWebhook);
  add("scanner", "run the background scanner only", kScannerExamples, RunScanner);
}

void AddScan(CLI::App& app, Choice& choice) {
  CLI::App* scan =
      app.add_subcommand("scan", "scan images for the xz backdoor")->footer(kScanExamples);
  AddScanFlags(*scan, choice.scan);
  scan->add_option("IMAGE", choice.images, "references, or oci:DIR[:TAG], oci:DIR@DIGEST")
      ->required()
      ->type_name("");
  scan->callback(
      [&choice] { choice.run = [&choice] { return RunScan(choice.scan, choice.images); }; });
}

void AddExplain(CLI::App& app, Choice& choice) {
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
  explain->add_option("TARGET", choice.target, "a manifest file, or an image as for scan")
      ->required()
      ->type_name("FILE|IMAGE");
  explain->callback(
      [&choice] { choice.run = [&choice] { return RunExplain(choice.explain, choice.target); }; });
}

void AddVerify(CLI::App& app, Choice& choice) {
  CLI::App* verify =
      app.add_subcommand("verify", "check who signed images, or a file")->footer(kVerifyExamples);
  VerifyFlags& flags = choice.verify;
  AddSignerFlags(*verify, flags.signer);
  Repeatable(
      verify->add_option("--policy", flags.policies, "policy file or folder: who must sign what"))
      ->type_name("FILE");
  verify
      ->add_option("--namespace", flags.namespace_name,
                   "with --policy: namespace whose policy counts (default: default)")
      ->type_name("NAME");
  verify->add_flag("--must-verify", flags.must_verify,
                   "exit 1 also where the policy requires nothing of the image");
  verify->add_option("--bundle", flags.bundle, "Sigstore bundle of the file TARGET")
      ->type_name("FILE");
  AddRegistryFlags(*verify, flags.registry);
  verify->add_option("--store", flags.store, "keep here what registries said, for --offline")
      ->type_name("PATH");
  verify->add_flag("--offline", flags.offline, "ask no registry: what --store has kept must do");
  AddFormat(*verify, flags.format);
  verify
      ->add_option("TARGET", choice.images,
                   "images as for scan; with --bundle a file, or sha256:HEX")
      ->required()
      ->type_name("");
  verify->callback(
      [&choice] { choice.run = [&choice] { return RunVerify(choice.verify, choice.images); }; });
}

void AddConfig(CLI::App& app, Choice& choice) {
  CLI::App* config = app.add_subcommand("config", "work with configuration files")
                         ->footer(kConfigExamples)
                         ->require_subcommand(1);
  CLI::App* check =
      config
          ->add_subcommand("check",
                           "report every mistake in configurations, policies and rule packs")
          ->footer(kCheckExamples);
  check->add_option("PATH", choice.files, "files, or folders of them")->required()->type_name("");
  check->callback([&choice] { choice.run = [&choice] { return RunConfigCheck(choice.files); }; });
}

void AddVersion(CLI::App& app, Choice& choice) {
  app.set_version_flag("--version", VersionLine(), "print the version and exit");
  app.add_subcommand("version", "print the version")->footer(kVersionExamples)->callback([&choice] {
    choice.run = [] {
      std::puts(VersionLine().c_str());
      return kNothingFound;
    };
  });
}

// The command that was read last, whose rest could not be.
const CLI::App& Deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

// CLI11 says "a subcommand is required" for an unknown word too, and names none.
int NoSuchCommand(const CLI::App& command, const std::vector<std::string>& rest) {
  std::vector<std::string> names;
  for (const CLI::App* known : command.get_subcommands(nullptr)) names.push_back(known->get_name());
  if (names.empty()) names.emplace_back("nothing more");
  const std::string line =
      "xzgate: " + (rest.empty() ? "no command" : "unknown command " + Quote(rest.front())) +
      ": want " + Join(names, ", ") + "\nRun with --help for more information.\n";
  std::fputs(line.c_str(), stderr);
  return kUsage;
}

constexpr std::string_view kHelp = "help";

// Makes "help COMMAND" into "COMMAND --help". The exit code where a word is no command, which CLI11
// would pass over.
std::optional<int> TakeHelp(const CLI::App& app, std::vector<std::string>& words) {
  if (words.empty() || words.front() != kHelp) return std::nullopt;
  words.erase(words.begin());
  const CLI::App* at = &app;
  for (const auto& word : words) {
    const auto known = at->get_subcommands(nullptr);
    const auto next = std::find_if(known.begin(), known.end(), [&word](const CLI::App* command) {
      return command->get_name() == word;
    });
    if (next == known.end()) return NoSuchCommand(*at, {word});
    at = *next;
  }
  words.emplace_back("--help");
  return std::nullopt;
}

int Run(int argc, char** argv) {
  CLI::App app("xzgate keeps images with the xz-utils backdoor (CVE-2024-3094) out of Kubernetes.",
               "xzgate");
  app.footer(kExamples);
  app.require_subcommand(1);
  Choice choice;
  AddServices(app, choice);
  AddScan(app, choice);
  AddVerify(app, choice);
  AddExplain(app, choice);
  AddConfig(app, choice);
  AddVersion(app, choice);
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (const auto code = TakeHelp(app, words)) return *code;
  std::reverse(words.begin(), words.end());  // CLI11 takes the last first
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    // CLI11 speaks by exceptions; this is its one adapter. --help ends here as well, with code 0.
    const CLI::App& command = Deepest(app);
    if (error.get_name() == "RequiredError" && command.get_require_subcommand_min() > 0)
      return NoSuchCommand(command, command.remaining());
    const int code = app.exit(error) == 0 ? kNothingFound : kUsage;
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
      HintAtCosign(command.get_name(), {argv, argv + argc});
    return code;
  }
  return choice.run();
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  const int code = Run(argc, argv);
  return FinishOutput(code);  // std::cout, where CLI11 prints help, keeps nothing back
}

}  // namespace xzgate::cmd
