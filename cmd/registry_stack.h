#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/config.h"
#include "scanner/registry/image_source.h"
#include "scanner/registry/request_observer.h"

namespace xzgate::cmd {

// The registry client on its stack of transports: redirects over retries over limits over curl, so
// that each hop of a redirect is limited and retried at its own host. Owns all of it; thread-safe
// once made.
class RegistryStack {
 public:
  // `observer` may be null.
  // Errors: those of the CA files and the Docker config, each naming its setting. A Docker config
  // that does not exist is logged and no error, unless a person typed its folder.
  static Result<std::unique_ptr<RegistryStack>> Create(const RegistriesConfig& config,
                                                       const Clock& clock, log::Logger& logger,
                                                       registry::RequestObserver* observer);
  ~RegistryStack();

  registry::ImageSource& source();
  // Ends waits between retries, so that a stop is quick.
  void Stop();

 private:
  struct State;
  explicit RegistryStack(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::cmd
