#include "scanner/signature/pointer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"

namespace xzgate::signature {
namespace {

constexpr std::string_view kEach = "*";

// RFC 6901, section 4: "~1" first, so that "~01" stays "~1".
std::string Unescape(std::string_view segment) {
  std::string text;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '~') {
      text += segment[i];
      continue;
    }
    text += segment[++i] == '1' ? '/' : '~';
  }
  return text;
}

bool HasGoodEscapes(std::string_view pointer) {
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] != '~') continue;
    if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')) return false;
  }
  return true;
}

// An index has no leading zeros (RFC 6901, section 4).
const json::Value* ElementAt(const json::Array& array, const std::string& segment) {
  if (segment.size() > 1 && segment[0] == '0') return nullptr;
  const auto index = ParseUint(segment);
  return index && *index < array.size() ? &array[static_cast<std::size_t>(*index)] : nullptr;
}

const json::Value* Child(const json::Value& value, const std::string& segment) {
  if (const json::Array* array = value.AsArray()) return ElementAt(*array, segment);
  return value.Find(segment);
}

// One walk along a pointer.
class Walk {
 public:
  Walk(std::string_view pointer, const json::Value& document) : pointer_(pointer) {
    selected_.values.push_back(&document);
    if (!pointer.empty()) segments_ = Split(pointer.substr(1), '/');
    const auto last = std::ranges::find(segments_.rbegin(), segments_.rend(), kEach);
    stars_end_ = static_cast<std::size_t>(segments_.rend() - last);
  }

  Result<Selected> Run() {
    for (at_ = 0; at_ < segments_.size(); ++at_) {
      const std::vector<const json::Value*> here = std::exchange(selected_.values, {});
      const bool each = segments_[at_] == kEach;
      const std::string name = each ? "" : Unescape(segments_[at_]);
      for (const json::Value* value : here)
        XZGATE_RETURN_IF_ERROR(each ? TakeAll(*value) : TakeOne(*value, name));
      if (each) behind_star_ = true;
    }
    return std::move(selected_);
  }

 private:
  Result<void> TakeOne(const json::Value& value, const std::string& name) {
    if (const json::Value* child = Child(value, name)) return Add(*child);
    if (!behind_star_) return PermissionDenied("nothing at " + Quote(Here()) + " in the predicate");
    // A list that is not there is an empty one; a value that is not there is missed.
    if (at_ >= stars_end_) ++selected_.lacking;
    return {};
  }

  Result<void> TakeAll(const json::Value& value) {
    if (const json::Array* array = value.AsArray()) {
      for (const json::Value& item : *array) XZGATE_RETURN_IF_ERROR(Add(item));
      return {};
    }
    if (const json::Object* object = value.AsObject()) {
      for (const auto& [name, member] : *object) XZGATE_RETURN_IF_ERROR(Add(member));
      return {};
    }
    if (behind_star_ && value.is_null()) return {};
    return PermissionDenied("want an array or object before " + Quote(Here()) +
                            " in the predicate, found " + std::string(value.TypeName()));
  }

  Result<void> Add(const json::Value& value) {
    if (selected_.values.size() == kMaxSelected) {
      return ResourceExhausted("more than " + std::to_string(kMaxSelected) + " values at " +
                               Quote(Here()) + " in the predicate");
    }
    selected_.values.push_back(&value);
    return {};
  }

  // The pointer up to and with the segment that is being followed.
  std::string Here() const {
    std::string text;
    for (std::size_t i = 0; i <= at_; ++i) text += "/" + std::string(segments_[i]);
    return text;
  }

  const std::string_view pointer_;
  std::vector<std::string_view> segments_;
  std::size_t stars_end_ = 0;  // number of segments up to and with the last "*"
  std::size_t at_ = 0;
  bool behind_star_ = false;
  Selected selected_;
};

}  // namespace

Result<void> CheckPointer(std::string_view pointer) {
  const auto refuse = [pointer](std::string_view why) {
    return InvalidArgument("pointer " + Quote(pointer, 64) + ": " + std::string(why));
  };
  if (!pointer.empty() && pointer[0] != '/')
    return refuse(
        "want a JSON pointer, such as \"/runDetails/builder/id\" or \"/materials/*/uri\"");
  if (pointer.size() > kMaxPointerBytes)
    return refuse("longer than " + std::to_string(kMaxPointerBytes) + " bytes");
  if (!HasGoodEscapes(pointer)) return refuse("want \"~0\" for '~' and \"~1\" for '/'");
  if (static_cast<std::size_t>(std::ranges::count(pointer, '/')) > kMaxPointerSegments)
    return refuse("more than " + std::to_string(kMaxPointerSegments) + " segments");
  return {};
}

Result<Selected> Select(std::string_view pointer, const json::Value& document) {
  XZGATE_RETURN_IF_ERROR(CheckPointer(pointer));
  return Walk(pointer, document).Run();
}

}  // namespace xzgate::signature
