#include "base/http/trusted_authorities.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/http/authority_file.h"
#include "base/http/system_bundle.h"

namespace xzgate::http {
namespace {

bool IsReadable(const std::string& path) {
  return !path.empty() && ::access(path.c_str(), R_OK) == 0;
}

}  // namespace

TrustedAuthorities::TrustedAuthorities(std::vector<crypto::X509Ptr> own, SystemAuthorities system)
    : own_(std::move(own)), system_(std::move(system)) {}

Result<std::unique_ptr<TrustedAuthorities>> TrustedAuthorities::Load(
    const std::vector<std::string>& files, SystemAuthorities system, std::string_view pem) {
  std::vector<crypto::X509Ptr> own;
  for (const auto& path : files) {
    XZGATE_ASSIGN(auto certificates, ReadAuthorities(path));
    std::ranges::move(certificates, std::back_inserter(own));
  }
  if (!pem.empty()) {
    XZGATE_ASSIGN(auto certificates, ParseAuthorities(pem, "CA certificates"));
    std::ranges::move(certificates, std::back_inserter(own));
  }
  return std::unique_ptr<TrustedAuthorities>(
      new TrustedAuthorities(std::move(own), std::move(system)));
}

bool TrustedAuthorities::GiveTo(SSL_CTX* client) {
  const Version now = VersionOf(system_.file);
  const std::lock_guard lock(mutex_);
  if (!store_ || now != version_) {
    store_ = MakeStore();
    version_ = now;
  }
  if (!store_) return false;
  SSL_CTX_set1_cert_store(client, store_.get());
  return true;
}

bool TrustedAuthorities::IsSystemMissing() const {
  return !IsReadable(system_.file) && !IsReadable(system_.directory);
}

TrustedAuthorities::Version TrustedAuthorities::VersionOf(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .seconds = found.st_mtim.tv_sec,
          .nanoseconds = found.st_mtim.tv_nsec,
          .size = found.st_size};
}

crypto::X509StorePtr TrustedAuthorities::MakeStore() const {
  crypto::X509StorePtr store(X509_STORE_new());
  if (!store) return nullptr;
  for (const auto& certificate : own_) {
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) return nullptr;
  }
  // As libcurl has it: an intermediate that the operator names is an anchor too.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  if (!system_.directory.empty()) {
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store.get(), X509_LOOKUP_hash_dir());
    if (lookup == nullptr ||
        X509_LOOKUP_add_dir(lookup, system_.directory.c_str(), X509_FILETYPE_PEM) != 1) {
      return nullptr;
    }
  }
  if (!system_.file.empty() && !TrustOnDemand(store.get(), system_.file)) return nullptr;
  return store;
}

}  // namespace xzgate::http
