#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"

namespace xzgate::registry {

// A blob's stream that ends after exactly the bytes that its descriptor says. Owns its inner
// stream; confined to one thread. Further errors of Read: kIntegrity for a stream that is longer or
// shorter.
class BlobSource final : public ByteSource {
 public:
  // `where` names the blob in messages.
  BlobSource(std::unique_ptr<ByteSource> inner, std::uint64_t size, std::string where)
      : inner_(std::move(inner)), left_(size), size_(size), where_(std::move(where)) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  std::unexpected<Error> Fail(Error error);

  std::unique_ptr<ByteSource> inner_;
  std::uint64_t left_;
  std::uint64_t size_;
  std::string where_;
  std::unique_ptr<Error> failed_;  // repeated by every further call
};

}  // namespace xzgate::registry
