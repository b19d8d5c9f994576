#include "cmd/registry_flags.h"

#include <utility>

namespace xzgate::cmd {
namespace {

// What a message of the stack, which knows settings, is about at the command line.
Error AsFlag(const Error& error) {
  constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
      {"registries.ca: ", "--ca: "}, {"registries.dockerConfig: ", "--docker-config: "}};
  for (const auto& [setting, flag] : kFlags) {
    if (error.message().starts_with(setting))
      return Error(error.code(), std::string(flag) + error.message().substr(setting.size()));
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<RegistryStack>> RegistryFlags::Open(const Clock& clock,
                                                           log::Logger& logger) const {
  RegistriesConfig config;
  config.ca = ca;
  config.docker_config = docker_config;
  config.plain_http_everywhere = plain_http;
  config.typed_by_a_person = true;
  auto registries = RegistryStack::Create(config, clock, logger, nullptr);
  if (!registries) return std::unexpected(AsFlag(registries.error()));
  return registries;
}

std::string_view RegistryFlags::HintFor(std::string_view message) const {
  const auto says = [message](std::string_view words) {
    return message.find(words) != message.npos;
  };
  if (says("wrong version number") || says("packet length too long"))
    return "no TLS there? --plain-http";
  if (says("local issuer certificate") || says("self-signed certificate") ||
      says("self signed certificate"))
    return "an authority of your own? --ca FILE";
  // What servers with TLS answer to plain HTTP, in a body of no known form.
  if (plain_http && says("found 400")) return "TLS there? leave --plain-http out";
  if (docker_config.empty() && (says("found 401") || says("found 403")))
    return "credentials? --docker-config DIR";
  return "";
}

std::string RegistryFlags::WithHint(std::string message) const {
  const std::string_view hint = HintFor(message);
  if (!hint.empty()) message += " (" + std::string(hint) + ")";
  return message;
}

}  // namespace xzgate::cmd
