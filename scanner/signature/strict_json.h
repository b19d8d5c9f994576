#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/json/reader.h"
#include "base/json/value.h"
#include "base/result.h"

namespace xzgate::signature {

// Readers of documents whose every member is known: what they do not know could mean something to
// others. `path` names the object in messages ("$.tlogs[0]"). Errors: kInvalidArgument. Pure;
// thread-safe.

// Limits for a document of at most so many bytes. Keys that differ only in case are refused: Go's
// reader would take either.
json::Limits StrictLimits(std::size_t max_bytes);

// An object, and nothing in it but `known`.
Result<void> CheckMembers(const json::Value& object, std::initializer_list<std::string_view> known,
                          std::string_view path);
// The object named `key`; null when it is missing or null.
Result<const json::Value*> FindObject(const json::Value& object, std::string_view key,
                                      std::string_view path);
Result<const json::Value*> GetObject(const json::Value& object, std::string_view key,
                                     std::string_view path);
// The list named `key`; empty when missing or null. kResourceExhausted beyond `max_count`.
Result<const json::Array*> GetList(const json::Value& object, std::string_view key,
                                   std::size_t max_count, std::string_view path);
// Bytes, not none, written in padded standard base64.
Result<std::string> GetBytes(const json::Value& object, std::string_view key,
                             std::string_view path);

std::string MemberPath(std::string_view path, std::string_view key);  // "$.tlogs"
std::string ElementPath(std::string_view path, std::size_t index);    // "$.tlogs[0]"

}  // namespace xzgate::signature
