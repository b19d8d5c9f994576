#pragma once

#include <string>
#include <vector>

#include "scanner/signature/certificate_path.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_authority.h"

namespace xzgate::signature {

// What the tests of certificate paths share: Key(0) is the root's, Key(1) the intermediate's,
// Key(2) the leaf's.
inline const testing::TestKey& Key(std::size_t number) {
  return testing::TestKey::Shared(testing::KeyType::kP256, number);
}

inline testing::TestAuthority MakeRoot(const testing::IssueWish& wish = testing::RootWish("root")) {
  return testing::TestAuthority::Root(wish, Key(0));
}

inline testing::TestAuthority MakeIntermediate(
    const testing::IssueWish& wish = testing::IntermediateWish("intermediate", "codeSigning")) {
  return MakeRoot().Intermediate(wish, Key(1));
}

inline crypto::Certificate Read(const std::string& der) {
  return *crypto::Certificate::FromDer(AsBytes(der));
}

inline Anchor AnchorOf(const std::vector<std::string>& chain,
                       Validity valid = {.start = testing::kTrustStart}) {
  Anchor anchor{.uri = "https://ca.test", .chain = {}, .valid = valid};
  for (const std::string& der : chain) anchor.chain.push_back(Read(der));
  return anchor;
}

inline crypto::Certificate LeafBy(const testing::TestAuthority& issuer,
                                  const testing::IssueWish& wish = {}) {
  return Read(issuer.Issue(wish, Key(2)).der);
}

inline Result<CertificatePath> Check(const crypto::Certificate& leaf, const Anchor& anchor,
                                     WallTime time = testing::kSignedAt,
                                     const std::vector<crypto::Certificate>& extra = {}) {
  return CheckPath(leaf, anchor, extra, Usage::kCodeSigning, time);
}

}  // namespace xzgate::signature
