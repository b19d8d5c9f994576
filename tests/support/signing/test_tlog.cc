#include "tests/support/signing/test_tlog.h"

#include "base/crypto/digest.h"
#include "tests/support/signing/require.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::testing {
namespace {

constexpr std::string_view kTreeId = "1193050959916656506";

std::int64_t Seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// Index, body and proof; the checkpoint is signed by `key` in the name of `name`.
TestLogEntry Append(const json::Value& body, const TlogWish& wish, const std::string& origin,
                    const std::string& name, const TestKey& key) {
  Require(wish.index < wish.tree_size);
  TestLogEntry entry;
  entry.kind = TextAt(body, "kind");
  entry.version = TextAt(body, "apiVersion");
  entry.body = json::Encode(body);
  TestTree tree;
  for (std::size_t i = 0; i < wish.tree_size; ++i)
    tree.Add(i == wish.index ? entry.body : TestTree::Filler(i));
  entry.proof_index = wish.index;
  entry.tree_size = wish.tree_size;
  entry.root = tree.Root();
  entry.hashes = tree.Proof(wish.index);
  const std::string text = CheckpointText(wish.origin.value_or(origin), entry.tree_size, entry.root,
                                          wish.extension_lines);
  std::vector<std::string> lines = wish.lines_before;
  lines.push_back(SignedNoteLine(name, key, text));
  lines.insert(lines.end(), wish.lines_after.begin(), wish.lines_after.end());
  entry.checkpoint = wish.checkpoint.value_or(Note(text, lines));
  return entry;
}

json::Value ProofOf(const TestLogEntry& entry) {
  json::Array hashes;
  for (const std::string& hash : entry.hashes) hashes.emplace_back(Base64(hash));
  json::Object proof = {{"logIndex", std::to_string(entry.proof_index)},
                        {"rootHash", Base64(entry.root)},
                        {"treeSize", std::to_string(entry.tree_size)}};
  if (!hashes.empty()) proof.emplace_back("hashes", std::move(hashes));
  proof.emplace_back("checkpoint", json::Object{{"envelope", entry.checkpoint}});
  return proof;
}

}  // namespace

json::Value TestLogEntry::ToBundle() const {
  json::Object out = {{"logIndex", std::to_string(log_index)},
                      {"logId", json::Object{{"keyId", Base64(log_id)}}},
                      {"kindVersion", json::Object{{"kind", kind}, {"version", version}}}};
  if (integrated_time) out.emplace_back("integratedTime", std::to_string(*integrated_time));
  if (!set.empty()) {
    out.emplace_back("inclusionPromise", json::Object{{"signedEntryTimestamp", Base64(set)}});
  }
  if (has_proof) out.emplace_back("inclusionProof", ProofOf(*this));
  out.emplace_back("canonicalizedBody", Base64(body));
  return out;
}

std::string TestLogEntry::ToRekorAnnotation() const {
  return json::Encode(
      json::Object{{"SignedEntryTimestamp", Base64(set)},
                   {"Payload", json::Object{{"body", Base64(body)},
                                            {"integratedTime", integrated_time.value_or(0)},
                                            {"logIndex", log_index},
                                            {"logID", crypto::HexEncode(AsBytes(log_id))}}}});
}

std::string TestRekorV1::Id() const {
  return KeyId(host_, key_);
}

std::string TestRekorV1::Origin() const {
  return host_ + " - " + std::string(kTreeId);
}

TestLogEntry TestRekorV1::Add(const json::Value& body, const TlogWish& wish) const {
  TestLogEntry entry = Append(body, wish, Origin(), host_, key_);
  entry.log_index = wish.before + wish.index;
  entry.log_id = Id();
  entry.integrated_time = Seconds(wish.time);
  entry.set = SignEntry(entry);
  return entry;
}

std::string TestRekorV1::SignEntry(const TestLogEntry& entry) const {
  return key_.Sign("{\"body\":\"" + Base64(entry.body) +
                   "\",\"integratedTime\":" + std::to_string(entry.integrated_time.value_or(0)) +
                   ",\"logID\":\"" + crypto::HexEncode(AsBytes(entry.log_id)) +
                   "\",\"logIndex\":" + std::to_string(entry.log_index) + "}");
}

std::string TestRekorV2::Id() const {
  return KeyId(host_, key_);
}

TestLogEntry TestRekorV2::Add(const json::Value& body, const TlogWish& wish) const {
  TestLogEntry entry = Append(body, wish, host_, host_, key_);
  entry.log_index = wish.index;
  entry.log_id = Id();
  return entry;
}

}  // namespace xzgate::testing
