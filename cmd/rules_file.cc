#include "cmd/rules_file.h"

#include "base/byte_source.h"

namespace xzgate::cmd {

Result<rules::RulePack> LoadRules(const std::string& path) {
  if (path.empty()) return rules::RulePack::BuiltIn();
  XZGATE_ASSIGN(const std::string text, ReadFile(path, rules::kMaxPackBytes));
  return rules::RulePack::Parse(text, path);
}

}  // namespace xzgate::cmd
