#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http/transport.h"
#include "scanner/registry/image_source.h"
#include "scanner/registry/keychain.h"
#include "scanner/registry/registry_caller.h"
#include "scanner/registry/request_observer.h"

namespace xzgate::registry {

// Images of registries that speak the OCI distribution API. Thread-safe. `transport` is the whole
// stack (retries, redirects, limits, guard); it, `keychain`, `clock` and `observer` (which may be
// null) must outlive the client.
class RegistryClient final : public ImageSource {
 public:
  static constexpr std::uint64_t kMinBytesPerSecond = 64 * 1024;  // hardening.md 8.3
  static constexpr int kTagPageSize = 1000;
  static constexpr std::size_t kMaxTagPageBytes =
      8 * 1024 * 1024;  // servers may send all tags in one page
  static constexpr int kMaxTagPages = 1000;
  static constexpr int kMaxReferrerPages = 64;  // CVE-2023-46737: they may never end

  RegistryClient(http::Transport& transport, const Keychain& keychain, const Clock& clock,
                 RegistryOptions options = {}, RequestObserver* observer = nullptr)
      : caller_(transport, keychain, clock, std::move(options), observer) {}

  Result<oci::Digest> Resolve(const oci::Reference& reference, const Access& access) override;
  Result<VerifiedBytes> FetchManifest(const oci::PinnedReference& reference,
                                      const Access& access) override;
  Result<VerifiedBytes> FetchBlob(const oci::Repository& repository, const oci::Descriptor& blob,
                                  std::size_t max_bytes, const Access& access) override;
  Result<std::unique_ptr<ByteSource>> OpenBlob(const oci::Repository& repository,
                                               const oci::Descriptor& blob,
                                               const Access& access) override;
  Result<std::vector<std::string>> ListTags(const oci::Repository& repository, std::size_t max_tags,
                                            const Access& access) override;
  // A list that ends at kMaxReferrerPages or at `max` says so by has_more.
  Result<ReferrerList> ListReferrers(const oci::PinnedReference& subject, std::size_t max,
                                     const Access& access) override;
  std::chrono::milliseconds BusyFor(const std::string& host) const override {
    return caller_.BusyFor(host);
  }
  std::vector<std::string> BusyHosts() const override { return caller_.BusyHosts(); }

 private:
  // A manifest's answer with status 200.
  Result<http::Response> SendManifest(http::Method method, const oci::Repository& repository,
                                      const std::string& name, const Access& access);
  Result<oci::Digest> ResolveByBytes(const oci::Repository& repository, const std::string& tag,
                                     const Access& access);
  Result<http::Response> SendBlob(const oci::Repository& repository, const oci::Descriptor& blob,
                                  const Access& access);

  RegistryCaller caller_;
};

}  // namespace xzgate::registry
