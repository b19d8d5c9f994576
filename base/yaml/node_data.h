#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/yaml/document.h"

namespace xzgate::yaml {

// A place in a file, counted from 1; line 0 stands for "none".
struct Place {
  int line = 0;
  int column = 0;
};

// What a Node shares with its copies; never changed once its document is complete.
struct Node::Data {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  bool plain = true;
  std::string scalar;
  std::vector<Node> items;
  std::vector<std::pair<std::string, Node>> members;

  std::shared_ptr<const std::string> file;
  std::string path;  // "" for the root
  Place place;
  Place key_place;
};

// "FILE:LINE:COLUMN: PATH", without what is not known.
std::string FormatPlace(const std::string& file, Place place, const std::string& path);

}  // namespace xzgate::yaml
