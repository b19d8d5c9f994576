#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/reader.h"
#include "webhook/admission/review.h"
#include "webhook/admission/review_map.h"

namespace xzgate::admission {

// Collects what a Request needs while an AdmissionReview is scanned, without a tree. Used once, by
// one thread.
class ReviewReader final : public json::Events {
 public:
  ReviewReader();

  bool StartObject() override { return Start(Shape::kObject, "object"); }
  bool EndObject() override;
  bool StartArray() override { return Start(Shape::kList, "array"); }
  bool EndArray() override;
  bool Key(std::string_view key) override;
  bool String(std::string_view text) override;
  bool Integer(std::int64_t) override { return Other("number"); }
  bool Unsigned(std::uint64_t) override { return Other("number"); }
  bool Double(double) override { return Other("number"); }
  bool Bool(bool b) override;
  bool Null() override;
  std::string_view stop_reason() const override { return stop_reason_; }

  // What was read of these, also when the scan stopped later.
  const std::optional<std::string>& uid() const { return uid_; }
  const std::string& api_version() const { return request_.api_version; }

  // After a whole scan. Errors: kInvalidArgument for a review that lacks what every review has.
  Result<Request> Finish();

 private:
  struct Level {
    Node node = Node::kIgnored;
    bool is_list = false;
    Node next = Node::kIgnored;  // of the value that follows the last key
    std::size_t index = 0;       // of the next element
  };
  // The container or volume being read; it becomes an image use when its object ends.
  struct Draft {
    std::string name, reference, pull_policy;
    bool has_image = false;
  };

  Node NodeOfValue();
  bool Start(Shape shape, std::string_view found);
  bool Other(std::string_view found);
  bool WrongType(Node node, std::string_view found);
  bool Stop(std::string reason);
  bool FinishDraft(UseKind kind, std::size_t index);
  // Where a string of this node goes as it is; null for those that only set a flag.
  std::string* SlotOf(Node node);
  bool SetString(Node node, std::string_view text);

  std::vector<Level> levels_;
  std::optional<std::string> uid_;
  std::string review_kind_;
  std::string operation_;
  bool has_request_ = false;
  bool has_object_ = false;
  bool in_old_object_ = false;
  Request request_;
  std::vector<ImageUse> old_uses_;
  Draft draft_;
  std::string stop_reason_ = "refused";
};

}  // namespace xzgate::admission
