#pragma once

#include <map>
#include <string>

#include "base/text.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_key.h"
#include "tests/support/signing/test_root.h"
#include "webhook/policy/policy.h"

namespace xzgate::policy {

// Files that policies of tests name, with keys and certificates made once a process.
inline const std::map<std::string, std::string>& TestFiles() {
  using xzgate::testing::KeyType;
  using xzgate::testing::TestAuthority;
  using xzgate::testing::TestKey;
  static const std::map<std::string, std::string> kFiles = [] {
    const auto& key = TestKey::Shared(KeyType::kP256, 0);
    const auto root = TestAuthority::Root(xzgate::testing::RootWish("corp"));
    const auto between =
        root.Intermediate(xzgate::testing::IntermediateWish("corp builds", "codeSigning"));
    xzgate::testing::RootDocument logs_only;
    logs_only.tlogs.push_back(
        xzgate::testing::LogEntryOfRoot("https://log.example", key, std::string(32, 'i')));
    return std::map<std::string, std::string>{
        {"/etc/p/release.pub", key.PublicPem()},
        {"/etc/p/other.pub", TestKey::Shared(KeyType::kP256, 1).PublicPem()},
        {"/etc/p/private.pem", key.PrivatePem()},
        {"/etc/p/root.pem", root.Pem()},
        {"/etc/p/between.pem", between.Pem()},
        {"/etc/p/leaf.pem", root.Issue(xzgate::testing::IssueWish{}).Pem()},
        {"/etc/p/logs.json", logs_only.Text()},
        {"/etc/p/bad.json", "{"},
        {"/etc/p/text", "hello"},
    };
  }();
  return kFiles;
}

inline Result<std::string> ReadTestFile(const std::string& path, std::size_t max_bytes) {
  const auto found = TestFiles().find(path);
  if (found == TestFiles().end()) return NotFound("file " + Quote(path) + ": does not exist");
  if (found->second.size() > max_bytes) return ResourceExhausted("file " + Quote(path));
  return found->second;
}

// Parses one policy whose `spec` holds these lines, indented by two.
inline Result<PolicySet> ParseSpec(const std::string& lines,
                                   const FileReader& read = ReadTestFile) {
  return PolicySet::Parse(
      {{"/etc/p/p.yaml",
        "apiVersion: xzgate.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\nspec:\n" + lines}},
      read);
}

// An authority of a policy: one key of a file.
inline std::string Key(const std::string& name, const std::string& file = "release.pub") {
  return "    - {name: " + name + ", key: {file: " + file + "}}\n";
}

}  // namespace xzgate::policy
