#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/http/curl_transport.h"
#include "tests/support/loopback_server.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

namespace xzgate::http {

// A CurlTransport against servers on loopback. Certificates are made once for all tests.
class CurlFixture : public ::testing::Test {
 protected:
  using Server = testing::LoopbackServer;

  static const testing::TestCertificate& Authority() {
    static const auto authority = testing::TestCertificate::SelfSigned(
        {.common_name = "test authority", .is_authority = true});
    return authority;
  }
  static const testing::TestCertificate& Leaf() {
    static const auto leaf = Authority().Issue();
    return leaf;
  }
  // Gone when the test program ends.
  static const testing::TempFolder& Folder() {
    static const testing::TempFolder folder;
    return folder;
  }
  static const std::string& AuthorityFile() {
    static const std::string path = Folder().Write("authority.pem", Authority().CertificatePem());
    return path;
  }

  // A TLS server that answers every request with these bytes and closes if told to.
  static std::unique_ptr<Server> Serve(std::string bytes, bool close = false) {
    return std::make_unique<Server>(
        Leaf(), [bytes = std::move(bytes), close](testing::Peer& peer, const std::string&) {
          peer.Send(bytes);
          if (close) peer.Close();
        });
  }

  // Options that trust the test's authority.
  static CurlOptions Trusting() { return {.ca_files = {AuthorityFile()}}; }

  // The transport, made from `options_` on first use.
  CurlTransport& transport() {
    if (!transport_) transport_ = *CurlTransport::Create(options_, clock_);
    return *transport_;
  }
  // Sends to a host that the operator named, so that loopback is in reach.
  Result<Response> Get(const std::string& url, Deadline deadline = Deadline::Never()) {
    return transport().Send(
        {.url = *Url::Parse(url), .reach = Reach::kAnywhere, .deadline = deadline});
  }
  Deadline Soon(std::chrono::milliseconds span) { return Deadline::After(clock_.Now(), span); }

  SystemClock clock_;
  CurlOptions options_ = Trusting();

 private:
  std::unique_ptr<CurlTransport> transport_;
};

}  // namespace xzgate::http
