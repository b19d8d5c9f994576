#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log/logger.h"
#include "base/result.h"
#include "cmd/registry_stack.h"

namespace xzgate::cmd {

// How the commands that read images are told to reach registries. A registry that a person typed
// may be anywhere.
struct RegistryFlags {
  bool plain_http = false;
  std::vector<std::string> ca;
  std::string docker_config;

  // Errors name the flag: --ca, --docker-config. What a Docker config cannot give is logged.
  Result<std::unique_ptr<RegistryStack>> Open(const Clock& clock, log::Logger& logger) const;

  // The flag that is missing or too many, where the message of a failure leads nobody to it:
  // "an authority of your own? --ca FILE"; "" else.
  std::string_view HintFor(std::string_view message) const;
  // The message with its hint behind, in brackets.
  std::string WithHint(std::string message) const;
};

}  // namespace xzgate::cmd
