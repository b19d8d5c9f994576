#include "scanner/facts/toc_rows.h"

#include <algorithm>
#include <string_view>

#include "base/json/case_fold.h"
#include "base/json/reader.h"
#include "base/text.h"

namespace xzgate::facts {
namespace {

constexpr std::size_t kMaxDepth = 8;                // real ones: 4, with extended attributes
constexpr std::size_t kMaxKeyMemory = 1024 * 1024;  // an object has some 20 keys
constexpr std::size_t kMaxTokenBytes = 256 * 1024;  // an extended attribute: 64 KiB in base64
constexpr std::string_view kEntries = "entries";

struct TextField {
  std::string_view key;
  std::string TocRow::* field;
};
struct NumberField {
  std::string_view key;
  std::uint64_t TocRow::* field;
};
constexpr TextField kTexts[] = {{"type", &TocRow::type},
                                {"name", &TocRow::name},
                                {"linkName", &TocRow::link},
                                {"digest", &TocRow::digest},
                                {"chunkDigest", &TocRow::chunk_digest}};
constexpr NumberField kNumbers[] = {{"size", &TocRow::size},
                                    {"chunkOffset", &TocRow::chunk_offset},
                                    {"chunkSize", &TocRow::chunk_size}};

// Depth 1: the document's members; 2: rows; 3: a row's members. Deeper is none of ours.
class Rows final : public json::Events {
 public:
  explicit Rows(const std::function<void(const TocRow&)>& visit) : visit_(visit) {}

  bool StartObject() override {
    if (depth_ == 2 && in_entries_) row_ = {};
    if (IsField()) return Refuse("want text or number, found object");
    if (depth_ == 1 && is_entries_) return Refuse("want array, found object");
    return Deeper();
  }
  bool EndObject() override {
    --depth_;
    if (depth_ == 2 && in_entries_) visit_(row_);
    Done();
    return true;
  }
  bool StartArray() override {
    if (depth_ == 0) return Refuse("want object, found array");
    if (IsRow()) return Refuse("want object, found array");
    if (IsField()) return Refuse("want text or number, found array");
    if (depth_ == 1 && is_entries_) in_entries_ = true;
    return Deeper();
  }
  bool EndArray() override {
    --depth_;
    if (depth_ == 1) in_entries_ = false;
    Done();
    return true;
  }
  bool Key(std::string_view key) override {
    if (depth_ == 1) {
      is_entries_ = key == kEntries;
      has_entries_ = has_entries_ || is_entries_;
      return is_entries_ || json::FoldCase(key) != kEntries || RefuseKey(key);
    }
    if (depth_ != 3 || !in_entries_) return true;
    for (const TextField& text : kTexts) {
      if (key == text.key) text_ = &text;
    }
    for (const NumberField& number : kNumbers) {
      if (key == number.key) number_ = &number;
    }
    return text_ != nullptr || number_ != nullptr || !IsOursInAnotherCase(key) || RefuseKey(key);
  }

  bool String(std::string_view text) override {
    if (depth_ == 3 && text_ != nullptr) row_.*text_->field = text;
    if (depth_ == 3 && number_ != nullptr) return Refuse("want number, found text");
    return Scalar("text");
  }
  bool Integer(std::int64_t n) override {
    if (depth_ == 3 && number_ != nullptr) {
      if (n < 0) return Refuse("want a number that is not negative");
      row_.*number_->field = static_cast<std::uint64_t>(n);
    }
    if (depth_ == 3 && text_ != nullptr) return Refuse("want text, found number");
    return Scalar("number");
  }
  bool Unsigned(std::uint64_t) override {
    return IsField() ? Refuse("want text or a number of 63 bits") : Scalar("number");
  }
  bool Double(double) override {
    return IsField() ? Refuse("want text or a whole number") : Scalar("number");
  }
  bool Bool(bool) override {
    return IsField() ? Refuse("want text or number, found bool") : Scalar("bool");
  }
  bool Null() override {
    if (IsRow()) return Refuse("want object, found null");
    Done();
    return depth_ > 0 || Refuse("want object, found null");
  }
  std::string_view stop_reason() const override { return reason_; }

  bool has_entries() const { return has_entries_; }

 private:
  bool IsRow() const { return depth_ == 2 && in_entries_; }
  bool IsField() const { return depth_ == 3 && (text_ != nullptr || number_ != nullptr); }

  bool Scalar(std::string_view found) {
    if (depth_ == 0 || IsRow()) return Refuse("want object, found " + std::string(found));
    if (depth_ == 1 && is_entries_) return Refuse("want array, found " + std::string(found));
    Done();
    return true;
  }
  bool Deeper() {
    ++depth_;
    return true;
  }
  // A member's value has ended.
  void Done() {
    if (depth_ == 3) text_ = nullptr;
    if (depth_ == 3) number_ = nullptr;
    if (depth_ == 1) is_entries_ = false;
  }
  // Go's readers take a key in any case: such a one would be read by them and not by us.
  static bool IsOursInAnotherCase(std::string_view key) {
    const std::string folded = json::FoldCase(key);
    const auto is_it = [&folded](const auto& field) { return folded == json::FoldCase(field.key); };
    // Most keys are not ours, and no key of ours begins with the letter of most of them.
    constexpr std::string_view kFirstLetters = "tnlsdc";
    return !folded.empty() && kFirstLetters.find(folded[0]) != kFirstLetters.npos &&
           (std::ranges::any_of(kTexts, is_it) || std::ranges::any_of(kNumbers, is_it));
  }
  bool RefuseKey(std::string_view key) {
    return Refuse("key " + Quote(key, 64) + ": want it in the case of the format");
  }
  bool Refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  const std::function<void(const TocRow&)>& visit_;
  TocRow row_;
  std::size_t depth_ = 0;
  const TextField* text_ = nullptr;  // the member whose value comes, if it is one of ours
  const NumberField* number_ = nullptr;
  bool is_entries_ = false;
  bool in_entries_ = false;
  bool has_entries_ = false;
  std::string reason_;
};

}  // namespace

Result<void> ReadTocRows(ByteSource& json, std::size_t max_bytes,
                         const std::function<void(const TocRow&)>& visit) {
  Rows rows(visit);
  const json::Limits limits{.max_bytes = max_bytes,
                            .max_depth = kMaxDepth,
                            .max_values = SIZE_MAX,  // bounded by the bytes; none is kept
                            .refuse_case_variants = true,
                            .max_key_memory = kMaxKeyMemory,
                            .max_token_bytes = kMaxTokenBytes};
  XZGATE_RETURN_IF_ERROR(json::Scan(json, limits, rows));
  if (!rows.has_entries()) return InvalidArgument("$: entries: missing");
  return {};
}

}  // namespace xzgate::facts
