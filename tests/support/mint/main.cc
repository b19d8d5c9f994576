// Prints signatures that honest signers do not make, for tests of the whole gate: mint IMAGE OTHER,
// two digests. tests/support/mint/README.md.

#include <cstdio>
#include <string>

#include "tests/support/mint/mint.h"

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("usage: mint sha256:HEX sha256:HEX\n", stderr);
    return 2;
  }
  using namespace xzgate::testing;  // NOLINT: a program of one function
  Mint mint(words[1], words[2]);
  MintCertificates(mint);
  MintAuthorities(mint);
  MintTimes(mint);
  MintTimestamps(mint);
  MintEntries(mint);
  MintProofs(mint);
  MintBodies(mint);
  MintKeys(mint);
  std::puts(xzgate::json::Encode(mint.ToJson()).c_str());
  return 0;
}
