#include <map>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/field_path.h"
#include "base/text.h"
#include "base/yaml/node_data.h"

namespace xzgate::yaml {
namespace {

using Data = Node::Data;

Place ToPlace(const YAML::Mark& mark) {
  return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1};
}

// Builds our nodes from yaml-cpp's events. The event level is the one that still shows anchors,
// aliases and both of two equal keys; its node level shares, loops and hides them
// (hardening.md, 2.9).
class Builder final : public YAML::EventHandler {
 public:
  Builder(std::string_view file, const Limits& limits, Problems& problems)
      : file_(std::make_shared<const std::string>(Escape(file))),
        limits_(limits),
        problems_(problems) {}

  void OnDocumentStart(const YAML::Mark&) override {
    root_ = nullptr;
    open_.clear();
  }
  void OnDocumentEnd() override {
    if (stopped_ || root_ == nullptr || root_->kind == Data::Kind::kNull) return;
    documents_.emplace_back(std::move(root_));
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (auto node = Start(Data::Kind::kNull, mark, "?", anchor)) Finish(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    auto node = Start(Data::Kind::kNull, mark, "?", YAML::NullAnchor);
    if (node == nullptr) return;
    Complain(*node, "aliases (*name) are not supported; write the value out");
    Finish(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = Start(Data::Kind::kScalar, mark, tag, anchor);
    if (node == nullptr) return;
    node->plain = tag == "?";
    node->scalar = value;
    Finish(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Start(Data::Kind::kSequence, mark, tag, anchor));
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Start(Data::Kind::kMapping, mark, tag, anchor));
  }
  void OnMapEnd() override { Close(); }

  // A syntax error, unless a limit was reported already: what follows a limit means nothing.
  void Fail(Place place, std::string_view message) {
    if (!stopped_) problems_.Add(FormatPlace(*file_, place, "") + ": " + EscapeOnce(message));
    stopped_ = true;
  }

  bool stopped() const { return stopped_; }
  std::vector<Node> TakeDocuments() { return std::move(documents_); }

 private:
  // An open sequence or mapping. In a mapping, keys and values come in turn; `skip` marks a value
  // whose key was refused.
  struct Frame {
    std::shared_ptr<Data> node;
    std::map<std::string, Place> seen;  // keys, each where it stood first
    bool has_key = false;
    bool skip = false;
    std::string key;
    Place key_place;
  };

  // A node with its place and path; null when a limit stops the reading.
  std::shared_ptr<Data> Start(Data::Kind kind, const YAML::Mark& mark, const std::string& tag,
                              YAML::anchor_t anchor) {
    if (stopped_) return nullptr;
    auto node = std::make_shared<Data>();
    node->kind = kind;
    node->file = file_;
    node->place = ToPlace(mark);
    node->path = NextPath();
    if (!open_.empty() && open_.back().has_key) node->key_place = open_.back().key_place;
    if (++nodes_ > limits_.max_nodes) {
      return Stop(*node, "more than " + std::to_string(limits_.max_nodes) + " nodes");
    }
    if (anchor != YAML::NullAnchor) Complain(*node, "anchors (&name) are not supported");
    if (tag != "?" && tag != "!") Complain(*node, "tag " + Quote(tag) + " is not supported");
    return node;
  }

  void Open(std::shared_ptr<Data> node) {
    if (node == nullptr) return;
    if (open_.size() >= limits_.max_depth) {
      Stop(*node, "more than " + std::to_string(limits_.max_depth) + " levels deep");
      return;
    }
    open_.push_back(Frame{std::move(node), {}, false, false, "", {}});
  }

  void Close() {
    if (stopped_) return;
    auto node = std::move(open_.back().node);
    open_.pop_back();
    Finish(std::move(node));
  }

  // Gives a complete node to what holds it.
  void Finish(std::shared_ptr<Data> node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    if (frame.node->kind == Data::Kind::kSequence) {
      frame.node->items.emplace_back(std::move(node));
    } else if (!frame.has_key) {
      TakeKey(frame, *node);
    } else {
      if (!frame.skip) frame.node->members.emplace_back(frame.key, Node(std::move(node)));
      frame.has_key = false;
    }
  }

  void TakeKey(Frame& frame, const Data& node) {
    frame.has_key = true;
    frame.skip = true;
    frame.key = node.scalar;
    frame.key_place = node.place;
    if (node.kind != Data::Kind::kScalar) {
      Complain(node, "want text as a key");
    } else if (node.plain && node.scalar == "<<") {
      Complain(node, "merge keys (<<) are not supported");
    } else if (const auto [first, is_new] = frame.seen.emplace(node.scalar, node.place); !is_new) {
      Complain(node, "duplicate key " + Quote(node.scalar, kMaxNameInPath) + ", first in line " +
                         std::to_string(first->second.line));
    } else {
      frame.skip = false;
    }
  }

  std::string NextPath() const {
    if (open_.empty()) return "";
    const Frame& frame = open_.back();
    const std::string& path = frame.node->path;
    if (frame.node->kind == Data::Kind::kSequence) {
      return path + IndexStep(frame.node->items.size());
    }
    if (!frame.has_key) return path;
    const std::string step = FieldStep(frame.key);
    return path.empty() && step.front() == '.' ? step.substr(1) : path + step;
  }

  void Complain(const Data& node, std::string_view message) {
    problems_.Add(FormatPlace(*file_, node.place, node.path) + ": " + std::string(message));
  }

  std::shared_ptr<Data> Stop(const Data& node, std::string_view message) {
    Complain(node, message);
    stopped_ = true;
    return nullptr;
  }

  std::shared_ptr<const std::string> file_;
  const Limits& limits_;
  Problems& problems_;
  std::vector<Node> documents_;
  std::vector<Frame> open_;
  std::shared_ptr<Data> root_;
  std::size_t nodes_ = 0;
  bool stopped_ = false;
};

// Bytes that YAML forbids (YAML 1.2, section 5.1). yaml-cpp takes 0x04 for the end of the file and
// drops what follows.
std::optional<std::string> FindForbiddenBytes(std::string_view text) {
  if (!IsValidUtf8(text)) return "not valid UTF-8";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0x7F || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')) {
      return "control byte " + Quote(text.substr(i, 1)) + " at offset " + std::to_string(i);
    }
  }
  return std::nullopt;
}

// Whether a line, counted from 1, is indented by a tab: YAML 1.2, section 6.1 forbids it.
bool HasTabInFront(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const auto end = text.find('\n');
    if (end == text.npos) return false;
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_not_of(" \t")).contains('\t');
}

}  // namespace

std::vector<Node> ReadDocuments(std::string_view text, std::string_view file, const Limits& limits,
                                Problems& problems) {
  Builder builder(file, limits, problems);
  if (text.size() > limits.max_bytes) {
    builder.Fail({}, "more than " + std::to_string(limits.max_bytes) + " bytes");
    return {};
  }
  if (const auto forbidden = FindForbiddenBytes(text)) {
    builder.Fail({}, *forbidden);
    return {};
  }
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (!builder.stopped() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const Place place = ToPlace(error.mark);
    builder.Fail(place, HasTabInFront(text, place.line)
                            ? "the line begins with a tab: want spaces (" + error.msg + ")"
                            : error.msg);
  } catch (const std::exception& error) {
    builder.Fail({}, error.what());
  }
  return builder.TakeDocuments();
}

}  // namespace xzgate::yaml
