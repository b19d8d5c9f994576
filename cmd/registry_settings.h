#pragma once

#include "base/yaml/document.h"
#include "cmd/config.h"

namespace xzgate::cmd {

// Reads the section `registries`. Adds a problem for each host and address block that could never
// match, at its own line.
void ReadRegistries(yaml::Mapping& map, RegistriesConfig& out);

}  // namespace xzgate::cmd
