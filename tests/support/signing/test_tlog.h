#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json/value.h"
#include "tests/support/signing/test_note.h"
#include "tests/support/signing/test_times.h"

namespace xzgate::testing {

// Where and how a log takes an entry up.
struct TlogWish {
  WallTime time = kSignedAt;                      // integratedTime; Rekor v1 alone
  std::size_t tree_size = 7;                      // other leaves are filler
  std::size_t index = 3;                          // in the tree
  std::uint64_t before = 1000;                    // entries of earlier shards; Rekor v1 alone
  std::vector<std::string> extension_lines = {};  // of the checkpoint
  std::vector<std::string> lines_before = {};     // other signature lines of the checkpoint
  std::vector<std::string> lines_after = {};
  std::optional<std::string> origin = {};      // instead of the log's
  std::optional<std::string> checkpoint = {};  // the whole of it instead
};

// An entry that a log took up. A value; change what a test wants changed.
struct TestLogEntry {
  std::uint64_t log_index = 0;
  std::string log_id = {};  // raw bytes
  std::string kind = {};
  std::string version = {};
  std::optional<std::int64_t> integrated_time = {};
  std::string set = {};  // signed entry timestamp; "" if none
  bool has_proof = true;
  std::uint64_t proof_index = 0;
  std::uint64_t tree_size = 0;
  std::string root = {};
  std::vector<std::string> hashes = {};
  std::string checkpoint = {};
  std::string body = {};

  json::Value ToBundle() const;           // an element of tlogEntries
  std::string ToRekorAnnotation() const;  // dev.sigstore.cosign/bundle
};

// Rekor v1: one signed entry timestamp and a proof each entry. A value.
class TestRekorV1 {
 public:
  TestRekorV1(std::string host, TestKey key) : host_(std::move(host)), key_(std::move(key)) {}
  const std::string& host() const { return host_; }
  const TestKey& key() const { return key_; }
  std::string Id() const;      // SHA-256 of the SubjectPublicKeyInfo
  std::string Origin() const;  // "host - tree id"

  // `body` has kind and apiVersion.
  TestLogEntry Add(const json::Value& body, const TlogWish& wish = {}) const;
  // Signs index, time, id and body of `entry` again.
  std::string SignEntry(const TestLogEntry& entry) const;

 private:
  std::string host_;
  TestKey key_;
};

// Rekor v2: a proof alone, no time. The key is Ed25519, or ECDSA. A value.
class TestRekorV2 {
 public:
  TestRekorV2(std::string host, TestKey key) : host_(std::move(host)), key_(std::move(key)) {}
  const std::string& host() const { return host_; }
  const TestKey& key() const { return key_; }
  std::string Id() const;  // the C2SP key id, 32 bytes (first 4 stand in notes)

  TestLogEntry Add(const json::Value& body, const TlogWish& wish = {}) const;

 private:
  std::string host_;
  TestKey key_;
};

}  // namespace xzgate::testing
