#include "base/http/authority_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/byte_source.h"
#include "base/crypto/openssl_error.h"
#include "base/text.h"

namespace xzgate::http {

Result<std::vector<crypto::X509Ptr>> ReadAuthorities(const std::string& path) {
  XZGATE_ASSIGN(const std::string pem, ReadFile(path, kMaxCaFileBytes));
  return ParseAuthorities(pem, "CA file " + Quote(path));
}

Result<std::vector<crypto::X509Ptr>> ParseAuthorities(std::string_view pem, std::string_view what) {
  const crypto::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<crypto::X509Ptr> certificates;
  while (true) {
    crypto::X509Ptr certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of a PEM file shows as "no start line"; anything else is a damaged block.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string openssl = crypto::DrainOpensslErrors();
  if (!at_end) {
    return InvalidArgument(std::string(what) + ": a certificate is damaged: " + openssl);
  }
  if (certificates.empty()) {
    return InvalidArgument(std::string(what) + ": want a certificate in PEM form");
  }
  return certificates;
}

}  // namespace xzgate::http
