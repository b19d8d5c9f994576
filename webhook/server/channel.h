#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace xzgate::server {

// What a non-blocking call came to.
enum class Io : std::uint8_t {
  kDone,       // it did something
  kWantRead,   // nothing was possible: call again when the descriptor can be read
  kWantWrite,  // the same for writing
  kEnd,        // the peer has ended its side in an orderly way
  kFailed,     // the connection is broken
};

struct IoResult {
  Io io = Io::kFailed;
  std::size_t bytes = 0;  // moved, when kDone
};

// A connected byte stream that never blocks, plain or TLS. The descriptor belongs to the creator
// and outlives it. Confined to one thread.
class Channel {
 public:
  virtual ~Channel() = default;

  // Goes on with the opening of the stream; kDone at once when there is nothing to open.
  virtual Io Handshake() = 0;

  virtual IoResult Read(std::span<char> into) = 0;

  // May write less than `bytes`.
  virtual IoResult Write(std::string_view bytes) = 0;

  // Tells the peer, once and without waiting, that nothing more will be written.
  virtual void EndWriting() = 0;

  // Drops what the peer still sends, so that closing does not destroy the last answer on its way
  // (RFC 9112, section 9.6).
  virtual IoResult Discard(std::span<char> scratch) = 0;
};

}  // namespace xzgate::server
