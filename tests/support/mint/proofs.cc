// Promises, proofs and checkpoints of Rekor v1 and v2 (signatures.md 10.5 row 7).

#include <cstdint>
#include <functional>
#include <string>

#include "tests/support/mint/mint.h"
#include "tests/support/signing/require.h"

namespace xzgate::testing {
namespace {

using Tlog = SigningWish::Tlog;
using Change = std::function<void(TestLogEntry&)>;

struct Log {
  std::string row;  // the start of it
  SigningWish wish;
};

// The entry of a good signature, changed after it was made.
void Put(Mint& mint, const Log& log, std::string_view row, const Change& change,
         const TlogWish& wish = {}) {
  const TestSigstore& sigstore = TestSigstore::Default();
  const json::Value good = mint.Sign(log.wish);
  const json::Value body = BodyIn(good);
  TestLogEntry entry =
      log.wish.tlog == Tlog::kV2 ? sigstore.rekor2.Add(body, wish) : sigstore.rekor.Add(body, wish);
  change(entry);
  mint.PutBundle("proofs", log.row + std::string(row), With(good, kEntryPath, entry.ToBundle()));
}

void Flip(std::string& bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
}

void Replace(std::string& text, std::string_view old, std::string_view by) {
  const std::size_t at = text.find(old);
  Require(at != text.npos);
  text.replace(at, old.size(), by);
}

void MintProofs(Mint& mint, const Log& log) {
  const auto put = [&](std::string_view row, const Change& change, const TlogWish& wish = {}) {
    Put(mint, log, row, change, wish);
  };
  const auto nothing = [](TestLogEntry&) {};
  put("good", nothing);
  put("a tree of one", nothing, {.tree_size = 1, .index = 0});
  put("hashes in a tree of one", [](TestLogEntry& e) { e.hashes = {std::string(32, 'x')}; },
      {.tree_size = 1, .index = 0});
  put("no proof", [](TestLogEntry& e) { e.has_proof = false; });
  put("a hash more", [](TestLogEntry& e) { e.hashes.emplace_back(32, 'x'); });
  put("a hash less", [](TestLogEntry& e) { e.hashes.pop_back(); });
  put("a short hash", [](TestLogEntry& e) { e.hashes[0].pop_back(); });
  put("another hash", [](TestLogEntry& e) { Flip(e.hashes[0], 0); });
  put("another index", [](TestLogEntry& e) { --e.proof_index; });
  put("an index beyond", [](TestLogEntry& e) { e.proof_index = e.tree_size; });
  put("no tree", [](TestLogEntry& e) { e.tree_size = 0; });
  put("a huge tree", [](TestLogEntry& e) { e.tree_size = std::uint64_t{1} << 63U; });
  put("another size", [](TestLogEntry& e) { ++e.tree_size; });
  put("another root", [](TestLogEntry& e) { Flip(e.root, 0); });
  put("a short root", [](TestLogEntry& e) { e.root.pop_back(); });
  put("another body", [](TestLogEntry& e) { e.body += " "; });
  put("another kind", [](TestLogEntry& e) { e.kind = "alpine"; });
  put("another version", [](TestLogEntry& e) { e.version = "0.0.9"; });
  put("the kind of another",
      [](TestLogEntry& e) { e.kind = e.kind == "dsse" ? "hashedrekord" : "dsse"; });
  put("no log's name", [](TestLogEntry& e) { e.log_id.clear(); });
  put("an unknown log", [](TestLogEntry& e) { Flip(e.log_id, 0); });
}

void MintCheckpoints(Mint& mint, const Log& log) {
  const auto put = [&](std::string_view row, const Change& change, const TlogWish& wish = {}) {
    Put(mint, log, "checkpoint: " + std::string(row), change, wish);
  };
  const auto text = [&](std::string_view row, std::string_view old, std::string_view by) {
    put(row, [=](TestLogEntry& e) { Replace(e.checkpoint, old, by); });
  };
  const auto nothing = [](TestLogEntry&) {};
  put("another signature first", nothing,
      {.lines_before = {
           SignedNoteLine("witness.test", TestKey::Generate(KeyType::kEd25519), "x")}});
  put("an extension line", nothing, {.extension_lines = {"Timestamp: 1681757072"}});
  text("CRLF", "\n", "\r\n");
  text("two empty lines", "\n\n", "\n\n\n");
  text("a hyphen", "\u2014", "-");
  put("no line end", [](TestLogEntry& e) { e.checkpoint.pop_back(); });
  put("none", [](TestLogEntry& e) { e.checkpoint.clear(); });
  put("no signature", [](TestLogEntry& e) { e.checkpoint.resize(e.checkpoint.find("\n\n") + 2); });
  put("another size", [](TestLogEntry& e) {
    Replace(e.checkpoint, "\n7\n", "\n8\n");
    e.tree_size = 8;
  });
  put("another origin", nothing, {.origin = "elsewhere.test"});
  const TestSigstore stranger = TestSigstore::Create("sigstore.test");
  put("a stranger's", [&](TestLogEntry& e) {
    const json::Value body = Parsed(e.body);
    e.checkpoint =
        (log.wish.tlog == Tlog::kV2 ? stranger.rekor2.Add(body) : stranger.rekor.Add(body))
            .checkpoint;
  });
  put("a stranger's, with the log's hint", [&](TestLogEntry& e) {
    const std::string body = e.checkpoint.substr(0, e.checkpoint.find("\n\n") + 1);
    const TestSigstore& ours = TestSigstore::Default();
    const bool v2 = log.wish.tlog == Tlog::kV2;
    const std::string& host = v2 ? ours.rekor2.host() : ours.rekor.host();
    const TestKey& ours_key = v2 ? ours.rekor2.key() : ours.rekor.key();
    const TestKey& theirs = v2 ? stranger.rekor2.key() : stranger.rekor.key();
    e.checkpoint =
        Note(body, {NoteLine(host, KeyHint(host, ours_key), theirs.SignByDefault(body))});
  });
}

void MintPromises(Mint& mint) {
  const Log log = {"v1: ", {.timestamp = false}};
  const auto put = [&](std::string_view row, const Change& change) {
    Put(mint, log, "promise: " + std::string(row), change);
  };
  put("another index", [](TestLogEntry& e) { ++e.log_index; });
  put("another time", [](TestLogEntry& e) { ++*e.integrated_time; });
  put("broken", [](TestLogEntry& e) { Flip(e.set, 20); });
  put("no signature", [](TestLogEntry& e) { e.set = "x"; });
  put("by another key",
      [](TestLogEntry& e) { e.set = TestSigstore::Create("sigstore.test").rekor.SignEntry(e); });
  put("of another entry", [&](TestLogEntry& e) {
    e.set = TestSigstore::Default().rekor.Add(BodyIn(mint.Sign(log.wish))).set;
  });
  Put(mint, {"v2: ", {.tlog = Tlog::kV2}}, "promise: there is none", [](TestLogEntry& e) {
    e.integrated_time = 1780272060;
    e.set = "promised";
  });
}

}  // namespace

void MintProofs(Mint& mint) {
  for (const Log& log : {Log{"v1: ", {}}, Log{"v2: ", {.tlog = Tlog::kV2}}}) {
    MintProofs(mint, log);
    MintCheckpoints(mint, log);
  }
  MintPromises(mint);
  // With v0.1 the promise will do, but a proof that is there has to be right.
  const Log old = {"v0.1: ", {.version = "0.1"}};
  Put(mint, old, "no proof", [](TestLogEntry& e) { e.has_proof = false; });
  Put(mint, old, "no promise", [](TestLogEntry& e) { e.set.clear(); });
  Put(mint, old, "another hash", [](TestLogEntry& e) { Flip(e.hashes[0], 0); });
}

}  // namespace xzgate::testing
