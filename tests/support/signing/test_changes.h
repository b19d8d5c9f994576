#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.h"

namespace xzgate::testing {

// A document that differs from a good one by one thing. A value.
struct Change {
  std::string path;       // "verificationMaterial.tlogEntries.0.logIndex"; "": the whole
  std::string_view what;  // "removed"
  json::Value document;
};

// Every member and every element of `good`, at any depth, changed in every way that its kind knows:
//   any        removed, null, emptied
//   member     twice (Encode writes it twice)
//   element    doubled (the same once more behind it)
//   object     stranger (a member more)
//   text       last character (its lowest bit), space after
//   base64     first byte, middle byte, last byte (their lowest bit), spare bits (of the last
//   digit) decimal    plus one, leading zero number     plus one
std::vector<Change> AllChanges(const json::Value& good);

}  // namespace xzgate::testing
