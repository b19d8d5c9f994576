#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json/value.h"
#include "base/result.h"
#include "scanner/oci/platform.h"

namespace xzgate::oci {

// Readers of members of documents from registries, shared by manifest.cc and config.cc. Pure
// functions; thread-safe. Errors: kInvalidArgument with `where` in front.

// Refuses a key that is one of `known` but for its case: encoding/json, which the container engines
// read with, ignores case, so that they would see a member that we do not.
Result<void> CheckKeys(const json::Value& object, std::initializer_list<std::string_view> known,
                       std::string_view where);

// The strings of the array named `key`; empty when missing or null.
Result<std::vector<std::string>> GetStrings(const json::Value& object, std::string_view key,
                                            std::string_view where);

// The string members of the object named `key`, in order; empty when missing or null.
Result<std::vector<std::pair<std::string, std::string>>> GetStringMap(const json::Value& object,
                                                                      std::string_view key,
                                                                      std::string_view where);

// "os", "architecture" and "variant" of `object`.
Result<Platform> GetPlatform(const json::Value& object, std::string_view where);

}  // namespace xzgate::oci
