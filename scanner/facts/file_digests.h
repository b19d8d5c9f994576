#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/crypto/digest.h"
#include "scanner/facts/hash_thread.h"

namespace xzgate::facts {

// A part of a file's content, and a list of them as one digest: what a table of contents calls
// chunks and what the gzip members or zstd frames cut a file into are compared so.
class PartList {
 public:
  void Add(std::uint64_t offset, std::uint64_t size, std::string_view sha256);
  std::size_t count() const { return count_; }
  // Starts afresh.
  std::string FinishHex();

 private:
  crypto::Hasher hasher_{crypto::Algorithm::kSha256};
  std::size_t count_ = 0;
};

// The digests of a file as it streams by: of all of it, and of the parts that the borders of the
// packed stream cut it into. Confined to one thread.
class FileDigests {
 public:
  struct Digests {
    std::string whole;  // hex; "" unless it was wanted
    std::string parts;  // PartList's digest; "" for a file in one part, or where parts mean nothing
  };

  // A border of the unpacked stream, ascending, told before the bytes behind it are fed.
  void AddBorder(std::uint64_t offset);

  // Starts a file.
  void Start(bool wants_whole);
  // `position`: where in the unpacked stream the piece stands; absent for made-up bytes (sparse
  // holes).
  void Feed(Bytes piece, std::optional<std::uint64_t> position);
  Digests Finish();

 private:
  void FeedPart(Bytes piece, std::uint64_t position);
  void EndPart();

  std::deque<std::uint64_t> borders_;  // those not yet passed, and some that are
  HashThread whole_{crypto::Algorithm::kSha256};
  HashThread part_{crypto::Algorithm::kSha256};
  PartList parts_;
  bool wants_whole_ = false;
  bool has_parts_ = true;
  std::uint64_t size_ = 0;       // of the file so far
  std::uint64_t part_size_ = 0;  // of the part so far
};

}  // namespace xzgate::facts
