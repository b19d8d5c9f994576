#include "cmd/config_command.h"

#include <cstdio>

#include "base/byte_source.h"
#include "base/yaml/document.h"
#include "cmd/config.h"
#include "scanner/rules/rule_pack.h"
#include "webhook/policy/policy.h"

namespace xzgate::cmd {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr yaml::Limits kLooseLimits{
    .max_bytes = kMaxFileBytes, .max_nodes = 100'000, .max_depth = 32};

enum class FileKind : std::uint8_t { kConfig, kPolicies, kRules };

// By the first document that names its kind; problems are left to the reader of that kind.
FileKind KindOf(const std::string& text, const std::string& file) {
  yaml::Problems ignored;
  for (const auto& document : yaml::ReadDocuments(text, file, kLooseLimits, ignored)) {
    const yaml::Node* kind = document.Find("kind");
    if (kind != nullptr)
      return kind->scalar() == "RulePack" ? FileKind::kRules : FileKind::kPolicies;
  }
  return FileKind::kConfig;
}

Result<std::string> CheckFile(const std::string& file) {
  XZGATE_ASSIGN(const std::string text, ReadFile(file, kMaxFileBytes));
  switch (KindOf(text, file)) {
    case FileKind::kRules: {
      XZGATE_ASSIGN(const auto pack, rules::RulePack::Parse(text, file));
      return "rule pack " + pack.Key();
    }
    case FileKind::kPolicies: {
      XZGATE_ASSIGN(const auto policies, policy::PolicySet::Parse({{file, text}}));
      return std::to_string(policies.rules().size()) + " policies";
    }
    case FileKind::kConfig:
      break;
  }
  XZGATE_RETURN_IF_ERROR(ParseConfig(text, file, Role::kCheck));
  return "configuration";
}

}  // namespace

int RunConfigCheck(const std::vector<std::string>& files) {
  int code = 0;
  for (const auto& file : files) {
    if (const auto checked = CheckFile(file)) {
      std::printf("%s: ok, %s\n", file.c_str(), checked->c_str());
    } else {
      std::fprintf(stderr, "%s\n", checked.error().message().c_str());
      code = 2;
    }
  }
  return code;
}

}  // namespace xzgate::cmd
