#include "scanner/facts/checked_blob.h"

#include <string>
#include <vector>

namespace xzgate::facts {

CheckedBlob::CheckedBlob(ByteSource& source, const oci::Digest& digest, std::uint64_t size)
    : source_(source), digest_(digest), size_(size), hasher_(digest.algorithm()) {}

Result<std::size_t> CheckedBlob::Read(std::span<std::uint8_t> into) {
  if (failure_) return std::unexpected(*failure_);
  auto count = source_.Read(into);
  if (count && *count > size_ - bytes_) {
    count = Integrity("blob " + digest_.ToShort() + ": want " + std::to_string(size_) +
                      " bytes, found more");
  }
  if (!count) {
    failure_ = count.error();
    return count;
  }
  bytes_ += *count;
  hasher_.Update(into.first(*count));
  return count;
}

Result<void> CheckedBlob::Finish() {
  std::vector<std::uint8_t> buffer(256 * 1024);
  while (true) {
    XZGATE_ASSIGN(const std::size_t count, Read(buffer));
    if (count == 0) break;
  }
  if (bytes_ != size_) {
    return Integrity("blob " + digest_.ToShort() + ": want " + std::to_string(size_) +
                     " bytes, found " + std::to_string(bytes_));
  }
  const std::string found = hasher_.FinishHex();
  if (found != digest_.hex()) {
    return Integrity("blob " + digest_.ToString() + ": the content has digest " + found);
  }
  return {};
}

}  // namespace xzgate::facts
