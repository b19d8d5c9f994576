#pragma once

#include "tests/scanner/signature/registry_fixture.h"

namespace xzgate::signature {

// What the registry has for the image, listed and read.
class CandidatesTest : public RegistryFixture {
 protected:
  Result<Listing> List(const oci::Digest& digest = kImage) {
    return ListCandidates(source_, repository_, digest, registry::Access{});
  }
  CandidateList Read(const std::vector<std::string>& wanted = {}, std::size_t max = kMaxTried) {
    const auto listing = List();
    EXPECT_THAT(listing, ::xzgate::testing::IsOk());
    return ReadCandidates(source_, repository_, *listing, registry::Access{}, wanted, max);
  }
  static std::vector<oci::Digest> Manifests(const Listing& listing) {
    std::vector<oci::Digest> digests;
    for (const Listed& listed : listing.manifests) digests.push_back(listed.manifest);
    return digests;
  }
  void FailReferrersWith(ErrorCode code) { source_.FailReferrersWith(Error(code, "no")); }
};

}  // namespace xzgate::signature
