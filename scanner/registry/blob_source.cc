#include "scanner/registry/blob_source.h"

namespace xzgate::registry {

Result<std::size_t> BlobSource::Read(std::span<std::uint8_t> into) {
  if (failed_ != nullptr) return std::unexpected(*failed_);
  auto count = inner_->Read(into);
  if (!count) return Fail(count.error().WithContext(where_));
  if (*count > left_) {
    return Fail(Error(ErrorCode::kIntegrity,
                      where_ + ": want " + std::to_string(size_) + " bytes, found more"));
  }
  left_ -= *count;
  if (*count == 0 && left_ > 0) {
    return Fail(Error(ErrorCode::kIntegrity, where_ + ": want " + std::to_string(size_) +
                                                 " bytes, found " + std::to_string(size_ - left_)));
  }
  return count;
}

std::unexpected<Error> BlobSource::Fail(Error error) {
  failed_ = std::make_unique<Error>(std::move(error));
  return std::unexpected(*failed_);
}

}  // namespace xzgate::registry
