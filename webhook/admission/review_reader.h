#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/reader.h"
#include "webhook/admission/pod_spec_reader.h"
#include "webhook/admission/review.h"
#include "webhook/admission/review_map.h"

namespace xzgate::admission {

// The kind of an object.
struct KindName {
  std::string group, kind;
};

// Collects what a Request needs while an AdmissionReview is scanned, without a tree. Used once, by
// one thread; borrows the kinds.
class ReviewReader final : public json::Events {
 public:
  // `kind`: what a first reading found out; where the kind stands after the object, only then is it
  // known where in the object the pods are.
  explicit ReviewReader(const KindTable& kinds, const std::optional<KindName>& kind = {});

  bool StartObject() override { return Start(Shape::kObject, "object"); }
  bool EndObject() override;
  bool StartArray() override { return Start(Shape::kList, "array"); }
  bool EndArray() override;
  bool Key(std::string_view key) override;
  bool String(std::string_view text) override;
  bool Integer(std::int64_t n) override;
  bool Unsigned(std::uint64_t) override { return Other("number"); }
  bool Double(double) override { return Other("number"); }
  bool Bool(bool b) override;
  bool Null() override;
  std::string_view stop_reason() const override { return stop_reason_; }

  // What was read of these, also when the scan stopped later.
  const std::optional<std::string>& uid() const { return uid_; }
  const std::string& api_version() const { return request_.api_version; }
  // An object stood before its kind, and nothing in it was looked at.
  bool is_blind() const { return is_blind_; }

  // After a whole scan. Errors: kInvalidArgument for a review that lacks what every review has.
  Result<Request> Finish();

 private:
  // A node, and how far on the way to the pods it is.
  struct Place {
    Node node = Node::kIgnored;
    std::size_t step = PodPaths::kRoot;
  };
  struct Level {
    Place at;
    bool is_list = false;
    Place next;             // of the value that follows the last key
    std::size_t index = 0;  // of the next element
  };

  Place PlaceOfValue();
  Place Next(const Level& level, std::string_view key) const;
  bool Start(Shape shape, std::string_view found);
  bool Begin(Node node);
  std::string PodField() const;
  bool Other(std::string_view found);
  bool WrongType(Node node, std::string_view found);
  bool Stop(std::string reason);
  // Where a string of this node goes as it is; null for those that only set a flag.
  std::string* SlotOf(Node node);
  bool SetString(Node node, std::string_view text);
  PodSpecReader& pods() { return in_old_object_ ? old_ : new_; }
  bool Told(bool went_on);
  Result<void> Check(std::optional<Operation> operation) const;
  void Compare();

  const KindTable& kinds_;
  const PodPaths* paths_ = nullptr;  // of the object's kind; null: not known
  bool is_kind_set_ = false;         // before this reading
  bool is_blind_ = false;
  std::vector<Level> levels_;
  std::optional<std::string> uid_;
  std::string review_kind_;
  std::string operation_;
  bool has_request_ = false;
  bool has_object_ = false;
  bool in_old_object_ = false;
  Request request_;
  PodSpecReader new_, old_;
  std::optional<std::int64_t> replicas_, old_replicas_;
  std::string stop_reason_ = "refused";
};

}  // namespace xzgate::admission
