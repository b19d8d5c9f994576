#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "tests/support/signing/test_authority.h"
#include "tests/support/signing/test_ct_log.h"
#include "tests/support/signing/test_tlog.h"
#include "tests/support/signing/test_tsa.h"

namespace xzgate::testing {

// validFor of an entry; both ends belong to it.
struct ValidFor {
  std::optional<WallTime> start = kTrustStart;
  std::optional<WallTime> end = std::nullopt;
};

// Entries of a trusted_root.json (signatures.md 3.10).
json::Value LogEntryOfRoot(const std::string& host, const TestKey& key, const std::string& id,
                           const ValidFor& valid = {}, const std::string& checkpoint_id = "");
json::Value RootEntry(const TestCtLog& log, const ValidFor& valid = {});
json::Value RootEntry(const TestRekorV1& log, const ValidFor& valid = {});
json::Value RootEntry(const TestRekorV2& log, const ValidFor& valid = {});
json::Value RootEntry(const TestTsa& tsa, const ValidFor& valid = {});
json::Value RootEntry(const TestAuthority& authority, const std::string& uri,
                      const ValidFor& valid = {});
json::Value ChainEntry(const std::vector<std::string>& chain, const std::string& uri,
                       const ValidFor& valid = {});

// The lists of a trusted_root.json; Encode(document.ToJson()) is its text.
struct RootDocument {
  json::Array tlogs = {};
  json::Array ctlogs = {};
  json::Array certificate_authorities = {};
  json::Array timestamp_authorities = {};
  json::Value ToJson() const;
  std::string Text() const { return json::Encode(ToJson()); }
};

}  // namespace xzgate::testing
