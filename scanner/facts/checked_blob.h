#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_source.h"
#include "base/result.h"
#include "scanner/facts/hash_thread.h"
#include "scanner/oci/digest.h"

namespace xzgate::facts {

// A blob as it streams by: passes its bytes on, and in the end says whether they are the ones that
// the descriptor names. Confined to one thread; borrows the source.
class CheckedBlob final : public ByteSource {
 public:
  CheckedBlob(ByteSource& source, const oci::Digest& digest, std::uint64_t size);

  // Errors: those of the source; kIntegrity at the first byte beyond the size.
  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

  // Reads what is left and compares. Errors: as Read; kIntegrity (digest or size differ).
  Result<void> Finish();

  // What Read failed with, so that it is told from an error of whoever reads through us.
  const std::optional<Error>& failure() const { return failure_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  ByteSource& source_;
  oci::Digest digest_;
  std::uint64_t size_;
  HashThread hasher_;
  std::uint64_t bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace xzgate::facts
