#include "cmd/config_command.h"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/yaml/document.h"
#include "cmd/config.h"
#include "cmd/exit_code.h"
#include "cmd/policy_notes.h"
#include "cmd/yaml_files.h"
#include "scanner/rules/rule_pack.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr yaml::Limits kLooseLimits{
    .max_bytes = kMaxFileBytes, .max_nodes = 100'000, .max_depth = 32};

enum class FileKind : std::uint8_t { kConfig, kPolicies, kRules };

using PolicyTexts = std::vector<std::pair<std::string, std::string>>;

// By the first document that has a kind of ours; problems of syntax are left to the reader of that
// kind. Errors: kInvalidArgument for a file whose documents all have another kind.
Result<FileKind> KindOf(const std::string& text, const std::string& file) {
  yaml::Problems syntax;
  yaml::Problems unknown;
  for (const auto& document : yaml::ReadDocuments(text, file, kLooseLimits, syntax)) {
    const yaml::Node* kind = document.Find("kind");
    const yaml::Node* version = document.Find("apiVersion");
    if (kind == nullptr && version == nullptr) continue;
    const std::string found = kind == nullptr ? "" : kind->scalar();
    if (found == "RulePack") return FileKind::kRules;
    if (found == "ImagePolicy") return FileKind::kPolicies;
    (kind == nullptr ? document : *kind)
        .Complain(unknown,
                  "want kind \"ImagePolicy\" (apiVersion xzgate.dev/v1), kind "
                  "\"RulePack\" (apiVersion xzgate.dev/rules/v1), or a configuration, "
                  "which has neither; found " +
                      (kind == nullptr ? "no kind" : "kind " + Quote(found)));
  }
  if (!unknown.empty()) return std::unexpected(unknown.ToError());
  return FileKind::kConfig;
}

// What is no mistake of the file: what `serve` needs and a scanner does not; and what this machine
// does not have, because it may be made later, or the check runs elsewhere.
std::vector<std::string> NotesOf(const Config& config) {
  std::vector<std::string> notes;
  std::vector<std::string> not_given;
  if (config.server.certificate.empty()) not_given.emplace_back("server.certificate");
  if (config.server.key.empty()) not_given.emplace_back("server.key");
  if (!not_given.empty()) {
    notes.push_back(Join(not_given, " and ") +
                    ": not given: `serve` and `webhook` do not start without them");
  }
  const auto look = [&notes](const std::string& setting, const std::string& path) {
    std::error_code ignored;
    if (!path.empty() && !fs::exists(path, ignored))
      notes.push_back(setting + ": " + Quote(path) + " does not exist here");
  };
  look("server.certificate", config.server.certificate);
  look("server.key", config.server.key);
  for (const auto& path : config.registries.ca) look("registries.ca", path);
  look("registries.dockerConfig", config.registries.docker_config);
  for (const auto& path : config.policies) look("policies", path);
  look("rules", config.rules);
  return notes;
}

// One call of `config check`: prints as it goes, and keeps the exit code.
class Checker {
 public:
  // A file, or the files of a folder, whose policies are one set, as `policies:` takes them.
  void Check(const std::string& path) {
    const auto files = ListYamlFiles({path});
    if (!files) return Refuse(files.error().message());
    if (files->empty())
      return Refuse("folder " + Quote(path) + ": want files *.yaml or *.yml in it, found none");
    PolicyTexts policies;
    for (const auto& file : *files) CheckFile(file, policies);
    if (policies.size() < 2) return;
    if (const auto set = policy::PolicySet::Parse(policies, ReadFile); !set)
      Refuse(set.error().message());
  }

  int code() const { return code_; }

 private:
  void CheckFile(const std::string& file, PolicyTexts& policies) {
    auto text = ReadFile(file, kMaxFileBytes);
    if (!text) return Refuse(text.error().message());
    const auto kind = KindOf(*text, file);
    if (!kind) return Refuse(kind.error().message());
    const auto what = *kind == FileKind::kRules      ? CheckRules(*text, file)
                      : *kind == FileKind::kPolicies ? CheckPolicies(*text, file)
                                                     : CheckConfig(*text, file);
    if (!what) return Refuse(what.error().message());
    if (*kind == FileKind::kPolicies) policies.emplace_back(file, std::move(*text));
    std::printf("%s: ok, %s\n", file.c_str(), what->c_str());
  }

  static Result<std::string> CheckRules(const std::string& text, const std::string& file) {
    XZGATE_ASSIGN(const auto pack, rules::RulePack::Parse(text, file));
    return "rule pack " + pack.Key();
  }

  static Result<std::string> CheckPolicies(const std::string& text, const std::string& file) {
    XZGATE_ASSIGN(const auto policies, policy::PolicySet::Parse({{file, text}}, ReadFile));
    for (const auto& note : PolicyNotes(policies, SystemClock().WallNow()))
      std::fprintf(stderr, "%s\n", note.c_str());
    const std::size_t count = policies.rules().size();
    return std::to_string(count) + (count == 1 ? " policy" : " policies");
  }

  static Result<std::string> CheckConfig(const std::string& text, const std::string& file) {
    XZGATE_ASSIGN(const auto config, ParseConfig(text, file, Role::kCheck));
    for (const auto& note : NotesOf(config))
      std::fprintf(stderr, "%s: note: %s\n", file.c_str(), note.c_str());
    return "configuration";
  }

  void Refuse(const std::string& problems) {
    std::fprintf(stderr, "%s\n", problems.c_str());
    code_ = kUsage;
  }

  int code_ = kNothingFound;
};

}  // namespace

int RunConfigCheck(const std::vector<std::string>& paths) {
  Checker checker;
  for (const auto& path : paths) checker.Check(path);
  return checker.code();
}

}  // namespace xzgate::cmd
