#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/yaml/document.h"
#include "scanner/signature/identity.h"

namespace xzgate::policy {

// An expression of a policy: RE2, from ^ to $, so that nobody takes it for a search (CVE-2026-22772
// was one without). Absent, and a problem, where it is none.
std::optional<signature::TextMatcher> ReadExpression(const yaml::Node& node,
                                                     yaml::Problems& problems);

// The text at `key`, compared as it stands, or the expression at `expression_key`. Absent where
// there is neither (no problem unless `required`), or where what is there is wrong.
std::optional<signature::TextMatcher> ReadMatcher(yaml::Mapping& map, std::string_view key,
                                                  std::string_view expression_key, bool required);

// `identities` of an authority, each with subject, issuer and Fulcio's extensions. The issuer may
// be left out where `is_private`; elsewhere it may not, and expressions must name their hosts
// (CheckNamesHost). An empty list is a problem.
std::vector<signature::IdentityRule> ReadIdentities(yaml::Mapping& authority, bool is_private);

}  // namespace xzgate::policy
