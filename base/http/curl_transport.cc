#include "base/http/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>

#include "base/http/curl_exchange.h"
#include "base/text.h"

namespace xzgate::http {
namespace {

bool AllowsPlainHttp(const CurlOptions& options, const Origin& origin) {
  if (options.plain_http_everywhere) return true;
  const std::string with_port = origin.ToString().substr(std::string_view("http://").size());
  return std::any_of(
      options.plain_http_hosts.begin(), options.plain_http_hosts.end(), [&](const auto& host) {
        return EqualsIgnoreCase(host, origin.host) || EqualsIgnoreCase(host, with_port);
      });
}

SystemAuthorities AuthoritiesOfLibcurl() {
  const auto text = [](const char* path) { return std::string(path == nullptr ? "" : path); };
  const auto* const built = curl_version_info(CURLVERSION_NOW);
  return {.file = text(built->cainfo), .directory = text(built->capath)};
}

// Registries are asked for identity; whatever else comes would hash to another digest.
Result<void> CheckEncoding(const ResponseHead& head) {
  for (const auto encoding : head.headers.FindAll("Content-Encoding")) {
    if (!encoding.empty() && !EqualsIgnoreCase(encoding, "identity")) {
      return Unsupported("answer with Content-Encoding " + Quote(encoding, 64) + ", want identity");
    }
  }
  return {};
}

}  // namespace

CurlTransport::CurlTransport(std::shared_ptr<Context> context) : context_(std::move(context)) {}
CurlTransport::~CurlTransport() = default;

Result<std::unique_ptr<CurlTransport>> CurlTransport::Create(CurlOptions options,
                                                             const Clock& clock) {
  // libcurl's set-up is once a process by its nature; the initialiser makes it safe for threads.
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (global != CURLE_OK) return Internal("libcurl does not start");
  XZGATE_ASSIGN(auto authorities,
                TrustedAuthorities::Load(
                    options.ca_files, options.system_authorities.value_or(AuthoritiesOfLibcurl()),
                    options.ca_pem));
  auto context = std::make_shared<Context>(std::move(options), std::move(authorities), clock);
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(context)));
}

void CurlTransport::Stop() {
  context_->stopped = true;
}

Result<Response> CurlTransport::Send(const Request& request) {
  const Origin& origin = request.url.origin();
  const std::string name = std::string(ToString(request.method)) + " " + request.url.ToRedacted();
  if (origin.scheme == "http" && !AllowsPlainHttp(context_->options, origin)) {
    return PermissionDenied(name + ": plain http to host " + Quote(origin.host) +
                            " is not allowed, want https");
  }
  auto proxy = context_->options.proxy.ProxyFor(origin);
  if (proxy && request.reach == Reach::kPublicOnly) {
    if (auto checked = context_->options.guard.CheckName(origin.host); !checked) {
      return Annotate(checked.error(), name);
    }
  }
  auto exchange = std::make_unique<CurlExchange>(context_, request, std::move(proxy));
  XZGATE_RETURN_IF_ERROR(exchange->AwaitHead());
  ResponseHead& head = exchange->head();
  if (auto checked = CheckEncoding(head); !checked) return Annotate(checked.error(), name);
  return Response{.status = head.status,
                  .headers = std::move(head.headers),
                  .url = request.url,
                  .body = std::move(exchange)};
}

}  // namespace xzgate::http
