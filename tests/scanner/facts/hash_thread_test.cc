#include "scanner/facts/hash_thread.h"

#include <gtest/gtest.h>

namespace xzgate::facts {
namespace {

using crypto::Algorithm;

TEST(HashThreadTest, HashesLikeAHasher) {
  HashThread hasher(Algorithm::kSha256);
  // Below, at and above the border where the thread starts, one after the other with the same
  // object.
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, HashThread::kSlotBytes - 1, HashThread::kSlotBytes,
        HashThread::kSlotBytes + 1, 9 * HashThread::kSlotBytes + 77}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31);
    for (std::size_t at = 0; at < size; at += 100'003)
      hasher.Update(AsBytes(std::string_view(text).substr(at, 100'003)));
    EXPECT_EQ(hasher.FinishHex(), crypto::HashHex(Algorithm::kSha256, AsBytes(text))) << size;
  }
}

TEST(HashThreadTest, MayBeDroppedInTheMiddle) {
  HashThread hasher(Algorithm::kSha512);
  hasher.Update(AsBytes(std::string(7 * HashThread::kSlotBytes, 'x')));
}

}  // namespace
}  // namespace xzgate::facts
