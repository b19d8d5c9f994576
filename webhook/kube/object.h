#pragma once

#include <string>
#include <string_view>

#include "base/json/reader.h"
#include "base/json/value.h"
#include "base/result.h"
#include "webhook/kube/resource.h"

namespace xzgate::kube {

// Helpers for objects as JSON. Pure functions; thread-safe.

// One object: etcd takes 1.5 MiB, and the API server bodies of 3 MiB (kubernetes.md 6.3).
inline constexpr std::size_t kMaxObjectBytes = 4 * 1024 * 1024;

// What an answer of the API server may cost. Real objects have some 20 levels (managedFields) and
// a pod some 500 values.
inline constexpr json::Limits kObjectLimits{
    .max_bytes = kMaxObjectBytes, .max_depth = 64, .max_values = 200'000};

// The string member of `metadata` named `key`, "" when there is none.
std::string MetadataText(const json::Value& object, std::string_view key);
ObjectName NameOf(const json::Value& object);
inline std::string ResourceVersionOf(const json::Value& object) {
  return MetadataText(object, "resourceVersion");
}

// The string member of an object, "" when there is none (or it is of another type).
std::string TextOr(const json::Value& object, std::string_view key, std::string_view fallback = "");

// Sets a member, at the end when it is new.
void SetMember(json::Object& object, std::string_view key, json::Value value);
void RemoveMember(json::Object& object, std::string_view key);

// One line of JSON with the keys of every object in order: equal values give equal texts. Recurses
// as deep as the value, which the reader bounded.
std::string CanonicalText(const json::Value& value);

}  // namespace xzgate::kube
