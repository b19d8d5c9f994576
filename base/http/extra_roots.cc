#include "base/http/extra_roots.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/byte_source.h"
#include "base/crypto/openssl_error.h"
#include "base/text.h"

namespace xzgate::http {
namespace {

Result<void> LoadFile(const std::string& path, std::vector<crypto::X509Ptr>& certificates) {
  XZGATE_ASSIGN(const std::string pem, ReadFile(path, kMaxCaFileBytes));
  const crypto::BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::size_t before = certificates.size();
  while (true) {
    crypto::X509Ptr certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of a PEM file shows as "no start line"; anything else is a damaged block.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string openssl = crypto::DrainOpensslErrors();
  if (!at_end) {
    return InvalidArgument("CA file " + Quote(path) + ": a certificate is damaged: " + openssl);
  }
  if (certificates.size() == before) {
    return InvalidArgument("CA file " + Quote(path) + ": want a certificate in PEM form");
  }
  return {};
}

}  // namespace

Result<ExtraRoots> ExtraRoots::Load(const std::vector<std::string>& pem_files) {
  ExtraRoots roots;
  for (const auto& path : pem_files) {
    XZGATE_RETURN_IF_ERROR(LoadFile(path, roots.certificates_));
  }
  return roots;
}

bool ExtraRoots::AddTo(SSL_CTX* context) const {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& certificate : certificates_) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return false;
  }
  return true;
}

}  // namespace xzgate::http
