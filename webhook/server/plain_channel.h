#pragma once

#include "webhook/server/channel.h"

namespace xzgate::server {

// A Channel straight over a non-blocking socket. Confined to one thread; borrows the descriptor.
class PlainChannel final : public Channel {
 public:
  explicit PlainChannel(int fd) : fd_(fd) {}

  Io Handshake() override { return Io::kDone; }
  IoResult Read(std::span<char> into) override;
  IoResult Write(std::string_view bytes) override;
  void EndWriting() override;
  IoResult Discard(std::span<char> scratch) override { return Read(scratch); }

 private:
  const int fd_;
};

}  // namespace xzgate::server
