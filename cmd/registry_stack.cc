#include "cmd/registry_stack.h"

#include <cstdlib>
#include <mutex>
#include <random>

#include "base/http/curl_transport.h"
#include "base/http/limiting_transport.h"
#include "base/http/redirecting_transport.h"
#include "base/http/retrying_transport.h"
#include "base/http/sleeper.h"
#include "scanner/registry/registry_client.h"

namespace xzgate::cmd {
namespace {

// Jitter of backoffs; not a secret.
class Random {
 public:
  double operator()() {
    const std::lock_guard lock(mutex_);
    return distribution_(engine_);
  }

 private:
  std::mutex mutex_;
  std::mt19937 engine_{std::random_device{}()};
  std::uniform_real_distribution<double> distribution_{0.0, 1.0};
};

Result<http::CurlOptions> CurlOptionsOf(const RegistriesConfig& config) {
  auto guard = http::AddressGuard::Create(config.allowed_cidrs, config.allowed_hosts);
  if (!guard) return Annotate(guard.error(), "registries");
  http::CurlOptions options;
  options.ca_files = config.ca;
  options.proxy =
      http::ProxySettings::FromEnvironment([](const char* name) { return std::getenv(name); });
  options.guard = std::move(*guard);
  options.plain_http_everywhere = config.plain_http_everywhere;
  options.plain_http_hosts = config.plain_http;
  return options;
}

Result<registry::Keychain> KeychainOf(const RegistriesConfig& config, log::Logger& logger) {
  registry::Keychain keychain;
  if (config.docker_config.empty()) return keychain;
  if (auto added = keychain.AddFile(config.docker_config + "/config.json"); !added) {
    // A Secret may be optional, and most images are public; a file that is there must be right. A
    // person who types a folder means one that exists.
    if (added.error().code() != ErrorCode::kNotFound || config.typed_by_a_person)
      return Annotate(added.error(), "registries.dockerConfig");
    logger.Warning("no credentials: registries are asked without any",
                   {{"setting", "registries.dockerConfig"}, {"why", added.error().message()}});
  }
  for (const auto& warning : keychain.warnings())
    logger.Warning("credentials not used", {{"why", warning}});
  return keychain;
}

}  // namespace

// In the order of construction: each part borrows those above it.
struct RegistryStack::State {
  State(std::unique_ptr<http::CurlTransport> the_curl, registry::Keychain the_keychain,
        const RegistriesConfig& config, const Clock& clock, registry::RequestObserver* observer)
      : curl(std::move(the_curl)),
        keychain(std::move(the_keychain)),
        limiting(*curl, clock,
                 {.per_origin = static_cast<int>(config.concurrency),
                  .reserve = config.concurrency > 1 ? 1 : 0}),
        retrying(limiting, clock, sleeper, [this] { return random(); }),
        redirecting(retrying),
        client(redirecting, keychain, clock,
               {.plain_http_hosts = config.plain_http,
                .plain_http = config.plain_http_everywhere,
                .configured_hosts = config.hosts,
                .all_configured = config.typed_by_a_person},
               observer) {}

  std::unique_ptr<http::CurlTransport> curl;
  registry::Keychain keychain;
  http::ThreadSleeper sleeper;
  Random random;
  http::LimitingTransport limiting;
  http::RetryingTransport retrying;
  http::RedirectingTransport redirecting;
  registry::RegistryClient client;
};

RegistryStack::RegistryStack(std::unique_ptr<State> state) : state_(std::move(state)) {}
RegistryStack::~RegistryStack() = default;

Result<std::unique_ptr<RegistryStack>> RegistryStack::Create(const RegistriesConfig& config,
                                                             const Clock& clock,
                                                             log::Logger& logger,
                                                             registry::RequestObserver* observer) {
  XZGATE_ASSIGN(http::CurlOptions options, CurlOptionsOf(config));
  auto curl = http::CurlTransport::Create(std::move(options), clock);
  if (!curl) return Annotate(curl.error(), "registries.ca");
  XZGATE_ASSIGN(registry::Keychain keychain, KeychainOf(config, logger));
  return std::unique_ptr<RegistryStack>(new RegistryStack(
      std::make_unique<State>(std::move(*curl), std::move(keychain), config, clock, observer)));
}

registry::ImageSource& RegistryStack::source() {
  return state_->client;
}
void RegistryStack::Stop() {
  state_->sleeper.Stop();
  state_->curl->Stop();
}

}  // namespace xzgate::cmd
