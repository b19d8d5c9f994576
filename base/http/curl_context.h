#pragma once

#include <curl/curl.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/http/curl_transport.h"
#include "base/http/trusted_authorities.h"

// Inside of CurlTransport: the one place, with curl_exchange.h, that shows libcurl's types.
namespace xzgate::http {

// A multi handle with its one easy handle and the connections that they keep. Confined to one
// thread at a time.
struct CurlHandle {
  CurlHandle();
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  CURLM* multi;
  CURL* easy;
};

// Handles that nobody uses, with what they were used for last. Thread-safe. A handle goes only to
// requests of the reach it was made for: a connection that a kAnywhere request opened must not
// serve a kPublicOnly one, which the address guard would have refused.
class CurlPool {
 public:
  explicit CurlPool(std::size_t max_idle) : max_idle_(max_idle) {}

  // One that talked to this origin last, else the longest idle of the reach, else a new one.
  std::unique_ptr<CurlHandle> Take(const Origin& origin, Reach reach);
  // Forgets the longest idle one when there are too many.
  void Give(std::unique_ptr<CurlHandle> handle, Origin origin, Reach reach);

 private:
  struct Idle {
    std::unique_ptr<CurlHandle> handle;
    Origin origin;
    Reach reach = Reach::kPublicOnly;
  };
  const std::size_t max_idle_;
  std::mutex mutex_;        // guards idle_
  std::vector<Idle> idle_;  // the longest idle first
};

struct CurlTransport::Context {
  Context(CurlOptions from, std::unique_ptr<TrustedAuthorities> trusted, const Clock& now)
      : options(std::move(from)),
        authorities(std::move(trusted)),
        clock(now),
        pool(options.max_idle) {}

  const CurlOptions options;
  const std::unique_ptr<TrustedAuthorities> authorities;
  const Clock& clock;
  CurlPool pool;
  std::atomic<bool> stopped = false;
};

}  // namespace xzgate::http
