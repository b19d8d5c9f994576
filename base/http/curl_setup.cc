// How CurlExchange configures its handle; the transfer itself is in curl_exchange.cc.

#include <sys/socket.h>

#include "base/http/curl_exchange.h"
#include "base/http/field_syntax.h"
#include "base/text.h"

namespace xzgate::http {

// The C functions that libcurl calls, each handing on to the exchange in `user`.
struct CurlCallbacks {
  static std::size_t Header(char* bytes, std::size_t, std::size_t size, void* user) {
    return static_cast<CurlExchange*>(user)->OnHeader({bytes, size});
  }
  static std::size_t Body(char* bytes, std::size_t, std::size_t size, void* user) {
    return static_cast<CurlExchange*>(user)->OnBody({bytes, size});
  }
  static curl_socket_t OpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
    return static_cast<CurlExchange*>(user)->OnOpenSocket(*address);
  }
  static CURLcode SslContext(CURL*, void* ssl_context, void* user) {
    CurlTransport::Context& shared = *static_cast<CurlExchange*>(user)->context_;
    auto* const client = static_cast<SSL_CTX*>(ssl_context);
    if (!shared.authorities->GiveTo(client)) return CURLE_OUT_OF_MEMORY;
    const auto& own = shared.options.client_certificate;
    return !own || own->GiveTo(client) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
  }
};

void CurlExchange::Configure(const Request& request) {
  CURL* const easy = handle_->easy;
  const CurlOptions& options = context_->options;
  const std::string url = url_.ToString();
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  // libcurl would write some bytes of the path in another way; a proxy for plain http wants it
  // whole.
  const bool whole = proxy_ && url_.origin().scheme == "http";
  curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, whole ? url.c_str() : url_.target().c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  // A look-up that hangs must not hold us past the deadline.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 64L * 1024);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_message_.data());

  // An empty proxy and an empty exception list: libcurl never looks into the environment itself.
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy_ ? proxy_->c_str() : "");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);

  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlCallbacks::Header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlCallbacks::Body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlCallbacks::OpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  ConfigureTls();
  ConfigureServerName();
  ConfigureMethod(request);
}

// libcurl verifies the host of the URL: so the URL names what is to be verified, and "connect to"
// the host that is meant.
void CurlExchange::ConfigureServerName() {
  const std::string& name = context_->options.tls_server_name;
  const Origin& origin = url_.origin();
  if (name.empty() || origin.scheme != "https") return;
  const std::string port = ":" + std::to_string(origin.port);
  const std::string url = "https://" + name + port + url_.target();
  curl_easy_setopt(handle_->easy, CURLOPT_URL, url.c_str());
  const bool is_v6 = origin.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + origin.host + "]" : origin.host;
  connect_to_.reset(curl_slist_append(nullptr, ("::" + host + port).c_str()));
  curl_easy_setopt(handle_->easy, CURLOPT_CONNECT_TO, connect_to_.get());
}

void CurlExchange::ConfigureTls() {
  CURL* const easy = handle_->easy;
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  // Left to itself libcurl reads all of the system's authorities for each connection.
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, nullptr);
#if LIBCURL_VERSION_NUM >= 0x075700
  // Nor may it keep the store of an earlier connection, which would outlive a replaced file.
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
#endif
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &CurlCallbacks::SslContext);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this);
}

void CurlExchange::ConfigureMethod(const Request& request) {
  CURL* const easy = handle_->easy;
  switch (request.method) {
    case Method::kGet:
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
      break;
    case Method::kHead:
      curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
      break;
    case Method::kPost:
    case Method::kPut:
    case Method::kPatch:
    case Method::kDelete:
      curl_easy_setopt(easy, CURLOPT_POST, 1L);
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, std::string(ToString(request.method)).c_str());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(body_to_send_.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_to_send_.c_str());
      break;
  }
}

Result<void> CurlExchange::SetHeaders(const Request& request) {
  // Blobs must come as they are stored; "Expect:" keeps libcurl from waiting for a 100.
  std::vector<std::string> lines = {"Accept-Encoding: identity", "Expect:"};
  for (const auto& [name, value] : request.headers.list()) {
    // Values come from answers too (a token), so a line end here is an attack.
    if (!IsHttpToken(name) || !IsHttpFieldValue(value)) {
      return InvalidArgument(name_ + ": request header " + Quote(name, 64) +
                             " holds a byte that a header may not hold");
    }
    if (EqualsIgnoreCase(name, "Accept-Encoding")) continue;
    // libcurl's spelling of a header without a value.
    lines.push_back(Trim(value).empty() ? name + ";" : name + ": " + value);
  }
  for (const auto& line : lines) {
    curl_slist* const longer = curl_slist_append(header_list_.get(), line.c_str());
    if (longer == nullptr) return Internal(name_ + ": no memory for headers");
    (void)header_list_.release();
    header_list_.reset(longer);
  }
  curl_easy_setopt(handle_->easy, CURLOPT_HTTPHEADER, header_list_.get());
  return {};
}

curl_socket_t CurlExchange::OnOpenSocket(const curl_sockaddr& address) {
  // Behind a proxy the address is the proxy's, which the operator named.
  if (reach_ == Reach::kPublicOnly && !proxy_) {
    const auto ip = IpAddress::FromSockaddr(&address.addr);
    const Result<void> checked = ip ? context_->options.guard.Check(url_.origin().host, *ip)
                                    : PermissionDenied("will not connect: want an IP address");
    if (!checked) {
      refusal_ = checked.error();
      return CURL_SOCKET_BAD;
    }
  }
  return ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
}

}  // namespace xzgate::http
