#include "base/http/curl_failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <charconv>

namespace xzgate::http {
namespace {

// Why a handshake fails as often as it is tried: the peer speaks no TLS, an older one, or has no
// cipher in common with us. Its other alerts (internal_error, for one) may be a bad moment.
constexpr int kLasting[] = {SSL_R_WRONG_VERSION_NUMBER,
                            SSL_R_UNSUPPORTED_PROTOCOL,
                            SSL_R_NO_PROTOCOLS_AVAILABLE,
                            SSL_R_DH_KEY_TOO_SMALL,
                            SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
                            SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
                            SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY,
                            SSL_R_TLSV1_UNRECOGNIZED_NAME,
                            SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED};

// "error:0A00042E:SSL routines::..." at the end of the message; 0 if there is none (a reset).
unsigned long OpensslError(std::string_view message) {
  constexpr std::string_view kPrefix = "error:";
  const auto at = message.rfind(kPrefix);
  if (at == message.npos) return 0;
  const std::string_view digits = message.substr(at + kPrefix.size(), 8);
  unsigned long error = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), error, 16);
  return error;
}

bool IsLasting(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_SSL &&
         std::find(std::begin(kLasting), std::end(kLasting), ERR_GET_REASON(error)) !=
             std::end(kLasting);
}

}  // namespace

ErrorKind KindOfFailure(CURLcode code, std::string_view message) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
      return ErrorKind::kTls;
    case CURLE_SSL_CONNECT_ERROR:
      return IsLasting(OpensslError(message)) ? ErrorKind::kTls : ErrorKind::kOther;
    default:
      return ErrorKind::kOther;
  }
}

bool IsTooLarge(CURLcode code) {
#if LIBCURL_VERSION_NUM >= 0x080600
  return code == CURLE_TOO_LARGE;
#else
  (void)code;
  return false;
#endif
}

}  // namespace xzgate::http
