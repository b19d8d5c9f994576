#include "base/http/curl_failure.h"

#include <gtest/gtest.h>

#include <string>

namespace xzgate::http {
namespace {

struct Case {
  std::string name;
  CURLcode code;
  std::string message;
  ErrorKind want;
};

class KindOfFailureTable : public ::testing::TestWithParam<Case> {};

TEST_P(KindOfFailureTable, SaysWhetherItLasts) {
  EXPECT_EQ(KindOfFailure(GetParam().code, GetParam().message), GetParam().want);
}

using enum ErrorKind;

// The numbers are OpenSSL 3's: ERR_LIB_SSL (20) << 23, and the reason.
const Case kCases[] = {
    {"Certificate", CURLE_PEER_FAILED_VERIFICATION, "SSL: no alternative certificate name", kTls},
    {"OwnCertificate", CURLE_SSL_CERTPROBLEM, "", kTls},
    {"OwnCiphers", CURLE_SSL_CIPHER, "", kTls},
    {"OldPeer", CURLE_SSL_CONNECT_ERROR,
     "OpenSSL/3.0.19: error:0A00042E:SSL routines::tlsv1 alert protocol version", kTls},
    {"OldAnswer", CURLE_SSL_CONNECT_ERROR,
     "TLS connect error: error:0A000102:SSL routines::unsupported protocol", kTls},
    {"NoTls", CURLE_SSL_CONNECT_ERROR, "error:0A00010B:SSL routines::wrong version number", kTls},
    {"NoCipher", CURLE_SSL_CONNECT_ERROR,
     "error:0A000410:SSL routines::sslv3 alert handshake failure", kTls},
    {"Reset", CURLE_SSL_CONNECT_ERROR,
     "OpenSSL SSL_connect: Connection reset by peer in connection to reg.example:443 ", kOther},
    {"End", CURLE_SSL_CONNECT_ERROR, "error:0A000126:SSL routines::unexpected eof while reading",
     kOther},
    {"TheirFault", CURLE_SSL_CONNECT_ERROR,
     "error:0A000438:SSL routines::tlsv1 alert internal error", kOther},
    {"AnotherLibrary", CURLE_SSL_CONNECT_ERROR, "error:0480042E:PEM routines::x", kOther},
    {"Silence", CURLE_SSL_CONNECT_ERROR, "", kOther},
    {"CutNumber", CURLE_SSL_CONNECT_ERROR, "error:", kOther},
    {"NoNumber", CURLE_SSL_CONNECT_ERROR, "error:zz", kOther},
    {"Refused", CURLE_COULDNT_CONNECT, "error:0A00042E:", kOther},
    {"Truncated", CURLE_PARTIAL_FILE, "", kOther},
};

INSTANTIATE_TEST_SUITE_P(All, KindOfFailureTable, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace xzgate::http
