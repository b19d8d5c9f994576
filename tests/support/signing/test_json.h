#pragma once

#include <string>
#include <string_view>

#include "base/json/value.h"

namespace xzgate::testing {

// A document with one thing changed: `path` is "verificationMaterial.tlogEntries.0.logIndex". A
// member that is not there is added; the rest of the path must exist (aborts).
json::Value With(json::Value document, std::string_view path, json::Value value);
json::Value Without(json::Value document, std::string_view path);
// What is at `path` (aborts when nothing is).
const json::Value& At(const json::Value& document, std::string_view path);
// The text at `path`.
const std::string& TextAt(const json::Value& document, std::string_view path);

std::string Base64(std::string_view bytes);

}  // namespace xzgate::testing
