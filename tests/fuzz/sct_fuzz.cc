// A list of SCTs that is read has one spelling, and no SCT counts but the one that the log signed
// for this certificate. The first byte chooses: 0 the rest is a list, else an edit of a good one.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/signature/certificate_log.h"
#include "tests/fuzz/mutation.h"
#include "tests/support/signing/test_sigstore.h"

namespace {

using xzgate::AsBytes;
using xzgate::crypto::Certificate;
using xzgate::signature::ParseScts;
using xzgate::signature::Sct;
using xzgate::signature::TrustedRoot;
using xzgate::testing::TestSigstore;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Number(std::uint64_t value, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = size; i-- > 0; value >>= 8) out[i] = static_cast<char>(value & 0xFF);
  return out;
}

std::string Sized(std::string_view bytes) {
  return Number(bytes.size(), 2) + std::string(bytes);
}

std::string Written(const std::vector<Sct>& scts) {
  std::string list;
  for (const Sct& sct : scts) {
    list += Sized(Number(0, 1) + sct.log_id +
                  Number(static_cast<std::uint64_t>(sct.time.time_since_epoch().count()), 8) +
                  Sized(sct.extensions) + Number(sct.hash_algorithm, 1) +
                  Number(sct.signature_algorithm, 1) + Sized(sct.signature));
  }
  return Sized(list);
}

// One leaf whose log is trusted, and its list.
struct Scene {
  std::string list;
  Certificate leaf;
  Certificate issuer;
  TrustedRoot root;
};

Scene MakeScene() {
  const TestSigstore& sigstore = TestSigstore::Default();
  std::string list;
  xzgate::testing::IssueWish wish;
  wish.scts = {[&](std::string_view tbs, std::string_view spki) {
    const std::string sct = sigstore.ctlog.Sct(tbs, spki, {.extensions = "12345678"});
    list = xzgate::testing::SctList({sct});
    return sct;
  }};
  Certificate leaf = Certificate::FromDer(AsBytes(sigstore.fulcio.Issue(wish).der)).value();
  return {list, std::move(leaf), Certificate::FromDer(AsBytes(sigstore.fulcio.der())).value(),
          TrustedRoot::Parse(sigstore.TrustedRoot(), "fuzz").value()};
}

void CheckList(const Scene& scene, const std::string& list) {
  const auto scts = ParseScts(list);
  if (!scts) {
    Require(list != scene.list);
    return;
  }
  Require(!scts->empty() && scts->size() <= xzgate::signature::kMaxScts);
  Require(Written(*scts) == list);
  const auto logs = CountSctLogs(*scts, scene.leaf, scene.issuer, scene.root);
  Require((logs && *logs == 1) == (list == scene.list));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scene scene = MakeScene();
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  CheckList(scene, data[0] == 0 ? std::string(rest) : xzgate::fuzz::Mutated(scene.list, rest));
  return 0;
}
