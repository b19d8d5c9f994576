#include "base/yaml/document.h"

#include "base/text.h"
#include "base/yaml/node_data.h"

namespace xzgate::yaml {

Error Problems::ToError() const {
  return Error(ErrorCode::kInvalidArgument, list_.empty() ? "no problem" : Join(list_, "\n"));
}

bool Node::IsMapping() const {
  return data_->kind == Data::Kind::kMapping;
}
bool Node::IsSequence() const {
  return data_->kind == Data::Kind::kSequence;
}
bool Node::IsScalar() const {
  return data_->kind == Data::Kind::kScalar;
}
bool Node::IsNull() const {
  return data_->kind == Data::Kind::kNull;
}
bool Node::IsPlain() const {
  return IsScalar() && data_->plain;
}

const std::string& Node::scalar() const {
  return data_->scalar;
}
const std::vector<Node>& Node::items() const {
  return data_->items;
}
const std::vector<std::pair<std::string, Node>>& Node::members() const {
  return data_->members;
}

const Node* Node::Find(std::string_view key) const {
  for (const auto& [name, node] : data_->members) {
    if (name == key) return &node;
  }
  return nullptr;
}

std::string FormatPlace(const std::string& file, Place place, const std::string& path) {
  std::string text = file;
  if (place.line > 0) text += ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
  if (!path.empty()) text += ": " + path;
  return text;
}

std::string Node::Where() const {
  return FormatPlace(*data_->file, data_->place, data_->path);
}

std::string Node::WhereKey() const {
  const bool has_key = data_->key_place.line > 0;
  return FormatPlace(*data_->file, has_key ? data_->key_place : data_->place, data_->path);
}

void Node::Complain(Problems& problems, std::string_view message) const {
  problems.Add(Where() + ": " + std::string(message));
}

}  // namespace xzgate::yaml
