#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/http/url.h"
#include "base/result.h"

namespace xzgate::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete };

// Whether a request only asks: it may be sent again, and follow a redirect.
bool IsReading(Method method);

using Header = std::pair<std::string, std::string>;

// Headers of a message in order; names compare without case. A value.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> list) : list_(list) {}
  void Add(std::string name, std::string value) {
    list_.emplace_back(std::move(name), std::move(value));
  }
  void Remove(std::string_view name);
  // The first of that name, absent if there is none.
  std::optional<std::string_view> Find(std::string_view name) const;
  std::vector<std::string_view> FindAll(std::string_view name) const;
  const std::vector<Header>& list() const { return list_; }

 private:
  std::vector<Header> list_;
};

// Where a request may connect (design.md section 4, "where an answer may lead us").
enum class Reach : std::uint8_t {
  kAnywhere,    // the operator configured or typed this host
  kPublicOnly,  // a pod or an answer named it: public addresses, or what the guard's allow-list
                // holds
};

struct Request {
  Method method = Method::kGet;
  Url url;
  Headers headers = {};
  std::string body = {};             // not with GET and HEAD
  Reach reach = Reach::kPublicOnly;  // the safe default
  Deadline deadline = Deadline::Never();
  // 0: no minimum. Else the transfer fails with kUnavailable when fewer than this many bytes a
  // second came over 30 s (hardening.md 8.3).
  std::uint64_t min_bytes_per_second = 0;
  bool urgent =
      false;  // an admission waits for it: may use the slots that LimitingTransport keeps back
  // Once it is true the request, or the body of its answer, ends within a second with kUnavailable.
  std::shared_ptr<const std::atomic<bool>> cancelled = {};
};

// An answer. Status is data: 404 is a successful exchange; the registry floor decides what is an
// error (style rule 16).
struct Response {
  int status = 0;
  Headers headers = {};
  Url url;  // the URL that answered, after redirects
  std::unique_ptr<ByteSource>
      body;  // never null; pulls from the connection, fails past the request's deadline
};

// Sends one request. Implementations are thread-safe; Send blocks until the head of the answer is
// there, at most until the deadline. Errors: kUnavailable (connection, TLS handshake, truncated
// transfer), kDeadlineExceeded, kPermissionDenied (the guard refused the address),
// kResourceExhausted (a byte limit), kUnauthenticated is never returned here (that is a status).
// The message names the redacted URL, and for TLS what was wrong with the certificate.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Result<Response> Send(const Request& request) = 0;
};

inline constexpr std::size_t kMaxErrorBody = 4 * 1024;     // hardening.md 8.3
inline constexpr std::size_t kMaxHeaderBytes = 64 * 1024;  // hardening.md 8.3, head of one answer

// Reads a whole small body.
// Errors: kResourceExhausted for more than `max_bytes`, errors of the body.
Result<std::string> ReadBody(Response& response, std::size_t max_bytes);

// What an error page says, for a message: its first kMaxErrorBody bytes, or as much as came before
// an error.
std::string ReadErrorBody(Response& response);

std::string_view ToString(Method method);  // "GET"

}  // namespace xzgate::http
