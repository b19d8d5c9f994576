#pragma once

#include <string>
#include <string_view>

#include "base/json/value.h"

namespace xzgate::kube {

// Steps that change an object, taken all or none (RFC 6902). A value; thread-compatible.
//
//   JsonPatch patch;
//   patch.Test({"webhooks", "0", "name"}, "validate.xzgate.dev");
//   patch.Add({"webhooks", "0", "clientConfig", "caBundle"}, bundle);
class JsonPatch {
 public:
  using Path = std::initializer_list<std::string_view>;

  // Refuses the whole patch unless the value at `path` is this one.
  void Test(Path path, json::Value value);
  // Sets a member (new or not), or inserts into an array.
  void Add(Path path, json::Value value);
  void Remove(Path path);

  bool has_tests() const { return has_tests_; }
  bool empty() const { return steps_.empty(); }
  const json::Array& steps() const { return steps_; }
  std::string Encode() const;

 private:
  void Append(std::string_view op, Path path, json::Value* value);
  json::Array steps_;
  bool has_tests_ = false;
};

}  // namespace xzgate::kube
