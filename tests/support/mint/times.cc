// When something was signed, and who says so (signatures.md 10.5 row 6).

#include <string>
#include <utility>

#include "tests/support/mint/mint.h"
#include "tests/support/signing/require.h"

namespace xzgate::testing {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using Tlog = SigningWish::Tlog;

constexpr std::string_view kStamps =
    "verificationMaterial.timestampVerificationData.rfc3161Timestamps";

// The log's promise is the only time.
void MintLoggedTimes(Mint& mint) {
  const auto logged = [&](std::string_view row, WallTime time) {
    mint.PutBundle("times", row, mint.Sign({.log = {.time = time}, .timestamp = false}));
    mint.Put("times", std::string(row) + ", legacy",
             {.signature_layers = {TestSigstore::Default().SimpleSigning(
                  mint.image(), {.log = {.time = time}, .timestamp = false})}});
  };
  logged("logged at the leaf's start", kLeafStart);
  logged("logged at the leaf's end", kLeafEnd);
  logged("logged a second before it", kLeafStart - 1s);
  logged("logged a second after it", kLeafEnd + 1s);
  const json::Value good = mint.Sign({.timestamp = false});
  const std::string entry(kEntryPath);
  mint.PutBundle("times", "no promise", Without(good, entry + ".inclusionPromise"));
  mint.PutBundle("times", "another time than promised",
                 With(good, entry + ".integratedTime", "1780272061"));
  mint.PutBundle("times", "time zero", With(good, entry + ".integratedTime", "0"));
  mint.PutBundle("times", "no promise, and a time that fits",
                 With(Without(mint.Sign({.log = {.time = kLeafEnd + 1s}, .timestamp = false}),
                              entry + ".inclusionPromise"),
                      entry + ".integratedTime", "1780272060"));
}

// The timestamp is the only time: Rekor v2 tells none.
void MintStampedTimes(Mint& mint) {
  const auto stamped = [&](std::string_view row, WallTime time) {
    mint.PutBundle("times", row, mint.Sign({.tlog = Tlog::kV2, .stamp = {.time = time}}));
  };
  stamped("stamped at the leaf's start", kLeafStart);
  stamped("stamped at the leaf's end", kLeafEnd);
  stamped("stamped a second before it", kLeafStart - 1s);
  stamped("stamped a second after it", kLeafEnd + 1s);
  IssueWish lasting = GoodLeaf();
  lasting.not_after = kAuthorityEnd;
  mint.PutBundle(
      "times", "stamped in the future",
      mint.Sign({.leaf = lasting, .tlog = Tlog::kV2, .stamp = {.time = kAuthorityEnd - 3600s}}));
  mint.PutBundle(
      "times", "logged in the future",
      mint.Sign({.leaf = lasting, .log = {.time = kAuthorityEnd - 3600s}, .timestamp = false}));
  mint.PutBundle("times", "nobody tells the time",
                 mint.Sign({.tlog = Tlog::kV2, .timestamp = false}));
  const json::Value other = TestSigstore::Default().ImageBundle(mint.other(), {.tlog = Tlog::kV2});
  mint.PutBundle(
      "times", "the stamp of another signature",
      With(mint.Sign({.tlog = Tlog::kV2}), "verificationMaterial.timestampVerificationData",
           At(other, "verificationMaterial.timestampVerificationData")));
}

// TOB-SIGSTORE-4: the certificate is to hold at every one of them.
void MintTwoTimes(Mint& mint) {
  const auto two = [&](std::string_view row, WallTime logged, WallTime stamped) {
    mint.PutBundle("times", row, mint.Sign({.log = {.time = logged}, .stamp = {.time = stamped}}));
  };
  two("logged and stamped at its ends", kLeafStart, kLeafEnd);
  two("logged in time, stamped late", kSignedAt, kLeafEnd + 1s);
  two("logged late, stamped in time", kLeafEnd + 1s, kSignedAt);
  const auto stamps = [&](std::string_view row, const TestTsa& second, WallTime first_time,
                          WallTime second_time) {
    const json::Value bundle = mint.Sign({.tlog = Tlog::kV2, .stamp = {.time = first_time}});
    const auto signature = crypto::Base64Decode(TextAt(bundle, "dsseEnvelope.signatures.0.sig"));
    Require(signature.has_value());
    const json::Value stamp =
        json::Object{{"signedTimestamp", Base64(second.Stamp(*signature, {.time = second_time}))}};
    mint.PutBundle("times", row, With(bundle, std::string(kStamps) + ".1", stamp));
  };
  const TestTsa other = TestTsa::Create("other-tsa.test");
  RootDocument root = TestSigstore::Default().Root();
  root.timestamp_authorities.push_back(RootEntry(other));
  mint.PutRoot("two timestamp authorities", root.ToJson());
  stamps("two stamps", other, kLeafEnd, kLeafStart);
  stamps("two stamps, the second late", other, kSignedAt, kLeafEnd + 1s);
  stamps("two stamps, the first early", other, kLeafStart - 1s, kSignedAt);
  stamps("two stamps of one authority", TestSigstore::Default().tsa, kSignedAt, kSignedAt + 1s);
}

// Trust roots that ended or began around the time of the signature of "good".
void MintTrustTimes(Mint& mint) {
  const TestSigstore& sigstore = TestSigstore::Default();
  mint.PutBundle("times", "logged", mint.Sign({.timestamp = false}));
  mint.PutBundle("times", "stamped", mint.Sign({.tlog = Tlog::kV2}));
  const auto log = [&](std::string_view name, const ValidFor& valid) {
    RootDocument root = sigstore.Root();
    root.tlogs = {RootEntry(sigstore.rekor, valid), RootEntry(sigstore.rekor2, valid)};
    mint.PutRoot(name, root.ToJson());
  };
  log("log until then", {.end = kSignedAt});
  log("log until before", {.end = kSignedAt - 1ms});
  log("log from after", {.start = kSignedAt + 1ms});
  // TOB-SIGSTORE-11: another authority was trusted then, this one was not.
  const auto stamper = [&](std::string_view name, const ValidFor& valid) {
    RootDocument root = sigstore.Root();
    root.timestamp_authorities = {RootEntry(TestTsa::Create("other-tsa.test")),
                                  RootEntry(sigstore.tsa, valid)};
    mint.PutRoot(name, root.ToJson());
  };
  stamper("stamper until then", {.end = kSignedAt});
  stamper("stamper until before", {.end = kSignedAt - 1ms});
  stamper("stamper from after", {.start = kSignedAt + 1ms});
}

}  // namespace

void MintTimes(Mint& mint) {
  MintLoggedTimes(mint);
  MintStampedTimes(mint);
  MintTwoTimes(mint);
  MintTrustTimes(mint);
}

}  // namespace xzgate::testing
