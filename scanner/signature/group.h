#pragma once

#include <set>
#include <string>

#include "scanner/signature/requirement.h"
#include "scanner/signature/signers.h"

namespace xzgate::signature {

// Whether enough of a group vouch, and where it says so, by different signers. A group that asks
// for nothing is never met.
bool IsMet(const Group& group, const Vouchers& vouchers);

// "all of (release-key, any of (our-ci, corp-ca))", "2 of (a, b, c) by different signers".
std::string Describe(const Group& group);

// Names of every authority in it.
void AddAuthorities(const Group& group, std::set<std::string>& names);
// Of every group of the requirement.
std::set<std::string> AuthoritiesOf(const Requirement& requirement);

std::string Join(const std::set<std::string>& names);  // "a, b"

}  // namespace xzgate::signature
