#include "tests/support/signing/test_json.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/crypto/digest.h"
#include "tests/support/signing/require.h"

namespace xzgate::testing {
namespace {

struct Path {
  std::string_view first;
  std::string_view rest;
};
Path Split(std::string_view path) {
  const std::size_t dot = path.find('.');
  if (dot == path.npos) return {path, ""};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

std::size_t Index(std::string_view text) {
  std::size_t index = 0;
  Require(std::from_chars(text.data(), text.data() + text.size(), index).ec == std::errc());
  return index;
}

// The member or element `name`; null when there is none.
json::Value* Child(json::Value& value, std::string_view name) {
  if (json::Array* const array = value.AsArray()) {
    const std::size_t index = Index(name);
    return index < array->size() ? &(*array)[index] : nullptr;
  }
  json::Object* const object = value.AsObject();
  Require(object != nullptr);
  const auto found =
      std::ranges::find_if(*object, [&](const json::Member& m) { return m.first == name; });
  return found == object->end() ? nullptr : &found->second;
}

void Put(json::Value& value, std::string_view path, json::Value what) {
  const auto [name, rest] = Split(path);
  json::Value* const child = Child(value, name);
  if (!rest.empty()) {
    Require(child != nullptr);
    Put(*child, rest, std::move(what));
  } else if (child != nullptr) {
    *child = std::move(what);
  } else if (json::Array* const array = value.AsArray()) {
    Require(Index(name) == array->size());
    array->push_back(std::move(what));
  } else {
    value.AsObject()->emplace_back(std::string(name), std::move(what));
  }
}

void Remove(json::Value& value, std::string_view path) {
  const auto [name, rest] = Split(path);
  json::Value* const child = Child(value, name);
  Require(child != nullptr);
  if (!rest.empty()) {
    Remove(*child, rest);
  } else if (json::Array* const array = value.AsArray()) {
    array->erase(array->begin() + static_cast<std::ptrdiff_t>(Index(name)));
  } else {
    std::erase_if(*value.AsObject(), [&](const json::Member& m) { return m.first == name; });
  }
}

}  // namespace

json::Value With(json::Value document, std::string_view path, json::Value value) {
  Put(document, path, std::move(value));
  return document;
}

json::Value Without(json::Value document, std::string_view path) {
  Remove(document, path);
  return document;
}

const json::Value& At(const json::Value& document, std::string_view path) {
  const json::Value* at = &document;
  while (!path.empty()) {
    const auto [name, rest] = Split(path);
    at = at->AsArray() != nullptr ? &at->AsArray()->at(Index(name)) : at->Find(name);
    Require(at != nullptr);
    path = rest;
  }
  return *at;
}

const std::string& TextAt(const json::Value& document, std::string_view path) {
  const std::string* const text = At(document, path).AsString();
  Require(text != nullptr);
  return *text;
}

std::string Base64(std::string_view bytes) {
  return crypto::Base64Encode(AsBytes(bytes));
}

}  // namespace xzgate::testing
