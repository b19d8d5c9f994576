#include "base/http/redirecting_transport.h"

namespace xzgate::http {
namespace {

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Result<Response> RedirectingTransport::Send(const Request& request) {
  Request hop = request;
  for (int followed = 0;; ++followed) {
    XZGATE_ASSIGN(Response response, inner_.Send(hop));
    const auto location = response.headers.Find("Location");
    if (!IsReading(hop.method) || !IsRedirect(response.status) || !location) return response;

    const std::string context = "redirect from " + hop.url.ToRedacted();
    if (followed == kMaxRedirects) {
      return ResourceExhausted(context + ": more than " + std::to_string(kMaxRedirects) +
                               " redirects");
    }
    auto next = hop.url.Resolve(*location);
    if (!next) return Annotate(next.error(), context);
    if (hop.url.origin().scheme == "https" && next->origin().scheme == "http") {
      return PermissionDenied(context + " to " + next->ToRedacted() +
                              ": will not go from https to http");
    }
    if (next->origin() != hop.url.origin()) {
      hop.headers.Remove("Authorization");
      hop.headers.Remove("Cookie");
    }
    hop.reach = next->origin() == request.url.origin() ? request.reach : Reach::kPublicOnly;
    hop.url = *std::move(next);
  }
}

}  // namespace xzgate::http
