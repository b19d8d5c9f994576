#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace xzgate::server {

// One method and path that the owner serves. Everything else is refused before a body is read.
struct Route {
  std::string method;  // "GET" or "POST"
  std::string path;    // compared byte by byte, so "%" never stands for another byte

  bool operator==(const Route&) const = default;
};

// What a peer may send (hardening.md, 4.5 rule 2).
struct FramingLimits {
  std::size_t max_request_line = 4 * 1024;  // bytes without the line end; above: 414
  std::size_t max_head_bytes =
      16 * 1024;                  // request line and header lines with their ends; above: 431
  std::size_t max_headers = 100;  // above: 431
  std::size_t max_body_bytes = 7 * 1024 * 1024;  // above: 413; kubernetes.md, 1.4, says why 7 MiB
};

// Why a request is refused: an HTTP status and a short text that repeats nothing of what was sent.
struct FramingError {
  int status = 400;
  std::string_view reason;  // a literal
  std::string_view allow;   // for 405: the method that the path has; points into the routes

  bool operator==(const FramingError&) const = default;
};

// The part of a request before its body, checked. `route` points into the routes given to
// ParseHead.
struct RequestHead {
  const Route* route = nullptr;
  std::string query;
  std::string content_type;
  std::size_t content_length = 0;
  bool keep_alive = true;         // HTTP/1.1 without `Connection: close`
  bool expects_continue = false;  // the client waits for "100 Continue" before it sends the body

  bool operator==(const RequestHead&) const = default;
};

// Reads a request line and header lines, each with its CRLF, without the empty line after them.
// Strict RFC 9112: no bare CR or LF, no folded lines, one Host, one Content-Length. A pure
// function; thread-safe. `head` is within max_head_bytes (the caller's duty).
std::expected<RequestHead, FramingError> ParseHead(std::string_view head,
                                                   std::span<const Route> routes,
                                                   const FramingLimits& limits);

}  // namespace xzgate::server
