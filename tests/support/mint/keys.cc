// Signatures by keys alone, in forms that are not theirs (signatures.md 10.5 row 3). A row's key is
// the PEM by the name before its colon.

#include <string>

#include "tests/support/mint/mint.h"

namespace xzgate::testing {
namespace {

using Form = SignWish::Form;
using Tlog = SigningWish::Tlog;

SigningWish By(const TestKey& key, std::optional<SignWish> how = {}) {
  return {.key = key, .tlog = Tlog::kNone, .timestamp = false, .sign = how};
}

void Put(Mint& mint, const std::string& row, const SigningWish& wish) {
  mint.PutBundle("keys", row, mint.Sign(wish));
  mint.Put("keys", row + ", legacy",
           {.signature_layers = {TestSigstore::Default().SimpleSigning(mint.image(), wish)}});
}

// The key in every form that it has, and another of its kind.
void MintFor(Mint& mint, const std::string& name, KeyType type) {
  const TestKey& key = TestKey::Shared(type);
  mint.PutPem(name, key.PublicPem());
  mint.PutPem(name + " private", key.PrivatePem());
  Put(mint, name + ": good", By(key));
  Put(mint, name + ": another key", By(TestKey::Shared(type, 1)));
  if (key.IsEd25519()) return;
  Put(mint, name + ": SHA-1", By(key, SignWish{.hash = crypto::Algorithm::kSha1}));
  const Form other = key.IsRsa() ? Form::kPss : Form::kRaw;
  Put(mint, name + (key.IsRsa() ? ": PSS" : ": r and s"),
      By(key, SignWish{.hash = key.DefaultHash(), .form = other}));
}

}  // namespace

void MintKeys(Mint& mint) {
  MintFor(mint, "p256", KeyType::kP256);
  MintFor(mint, "p384", KeyType::kP384);
  MintFor(mint, "p521", KeyType::kP521);
  MintFor(mint, "rsa", KeyType::kRsa3072);
  MintFor(mint, "ed25519", KeyType::kEd25519);
  const TestKey& p384 = TestKey::Shared(KeyType::kP384);
  Put(mint, "p384: SHA-256", By(p384, SignWish{.hash = crypto::Algorithm::kSha256}));
  Put(mint, "p384: P-256", By(TestKey::Shared(KeyType::kP256)));
  Put(mint, "ed25519: P-256", By(TestKey::Shared(KeyType::kP256)));
  if (TestKey::CanPrehash()) {
    Put(mint, "ed25519: prehashed",
        By(TestKey::Shared(KeyType::kEd25519),
           SignWish{.hash = crypto::Algorithm::kSha512, .form = Form::kPrehash}));
  }
  // Times and witnesses of a key, for windows and demands of a policy.
  const TestKey& key = TestKey::Shared(KeyType::kP256);
  mint.PutBundle("keys", "p256: stamped", mint.Sign({.key = key, .tlog = Tlog::kNone}));
  mint.PutBundle("keys", "p256: logged", mint.Sign({.key = key, .timestamp = false}));
  mint.PutBundle("keys", "p256: logged in Rekor v2",
                 mint.Sign({.key = key, .tlog = Tlog::kV2, .timestamp = false}));
  mint.PutPem("certificate", TestSigstore::Default().IssueLeaf({}).Pem());
  // The certificate of TestSigstore's leaves holds the first of them.
  mint.PutPem("certificate's key", key.PublicPem());
  mint.PutPem("another key", TestKey::Shared(KeyType::kP256, 1).PublicPem());
  mint.PutPem("weak", TestKey::Generate(KeyType::kRsa1024).PublicPem());
}

}  // namespace xzgate::testing
