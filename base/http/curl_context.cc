#include "base/http/curl_context.h"

#include <algorithm>

namespace xzgate::http {

CurlHandle::CurlHandle() : multi(curl_multi_init()), easy(curl_easy_init()) {
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 4L);
}

CurlHandle::~CurlHandle() {
  curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
}

std::unique_ptr<CurlHandle> CurlPool::Take(const Origin& origin, Reach reach) {
  {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& idle) {
      return idle.reach == reach && idle.origin == origin;
    });
    auto at = found == idle_.rend()
                  ? std::find_if(idle_.begin(), idle_.end(),
                                 [&](const Idle& idle) { return idle.reach == reach; })
                  : std::prev(found.base());
    if (at != idle_.end()) {
      auto handle = std::move(at->handle);
      idle_.erase(at);
      return handle;
    }
  }
  return std::make_unique<CurlHandle>();
}

void CurlPool::Give(std::unique_ptr<CurlHandle> handle, Origin origin, Reach reach) {
  Idle oldest;  // destroyed without the lock: closing a connection is I/O
  const std::lock_guard lock(mutex_);
  if (idle_.size() >= std::max<std::size_t>(max_idle_, 1)) {
    oldest = std::move(idle_.front());
    idle_.erase(idle_.begin());
  }
  idle_.push_back({std::move(handle), std::move(origin), reach});
}

}  // namespace xzgate::http
