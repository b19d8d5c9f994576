#include "scanner/registry/keychain.h"

#include <algorithm>
#include <iterator>

#include "base/byte_source.h"
#include "base/text.h"
#include "scanner/registry/keychain_reader.h"

namespace xzgate::registry {
namespace {

bool IsPattern(std::string_view host) {
  return host.find_first_of("*?") != host.npos;
}

// Label by label, so that "*.example" does not match "a.b.example"; ports must be equal (kubelet,
// keyring).
bool HostMatches(std::string_view pattern, std::string_view host) {
  if (!IsPattern(pattern)) return pattern == host;
  const auto pattern_labels = Split(pattern, '.');
  const auto labels = Split(host, '.');
  return std::equal(pattern_labels.begin(), pattern_labels.end(), labels.begin(), labels.end(),
                    [](std::string_view a, std::string_view b) {
                      const auto [a_name, a_port] = std::pair(
                          a.substr(0, a.find(':')), a.substr(std::min(a.find(':'), a.size())));
                      const auto [b_name, b_port] = std::pair(
                          b.substr(0, b.find(':')), b.substr(std::min(b.find(':'), b.size())));
                      return a_port == b_port && GlobMatches(a_name, b_name);
                    });
}

// "team" covers "team" and "team/api", not "teams".
bool PathMatches(std::string_view prefix, std::string_view path) {
  return prefix.empty() || path == prefix ||
         (path.starts_with(prefix) && path[prefix.size()] == '/');
}

}  // namespace

Result<void> Keychain::Add(std::string_view json, const std::string& source) {
  Keychain added;
  XZGATE_RETURN_IF_ERROR(KeychainReader(added, source).Read(json));
  std::move(added.entries_.begin(), added.entries_.end(), std::back_inserter(entries_));
  std::move(added.helpers_.begin(), added.helpers_.end(), std::back_inserter(helpers_));
  std::move(added.warnings_.begin(), added.warnings_.end(), std::back_inserter(warnings_));
  return {};
}

Result<void> Keychain::AddFile(const std::string& path) {
  XZGATE_ASSIGN(const std::string json, ReadFile(path, kMaxKeychainBytes));
  return Add(json, "docker config " + Quote(path));
}

const Credential* Keychain::Find(const oci::Repository& repository) const {
  const Entry* best = nullptr;
  const auto is_better = [](const Entry& a, const Entry& b) {
    if (IsPattern(a.host) != IsPattern(b.host)) return !IsPattern(a.host);
    return a.path.size() > b.path.size();
  };
  for (const Entry& entry : entries_) {
    if (!HostMatches(entry.host, repository.host) || !PathMatches(entry.path, repository.path)) {
      continue;
    }
    if (best == nullptr || is_better(entry, *best)) best = &entry;
  }
  return best == nullptr ? nullptr : &best->credential;
}

std::string Keychain::HelperFor(const std::string& host) const {
  for (const bool exact : {true, false}) {
    for (const Helper& helper : helpers_) {
      if (exact ? helper.host == host : helper.host.empty()) return helper.name;
    }
  }
  return {};
}

}  // namespace xzgate::registry
