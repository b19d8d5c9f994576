#include "tests/support/signing/test_changes.h"

#include <algorithm>
#include <utility>

#include "base/crypto/digest.h"
#include "tests/support/signing/test_json.h"

namespace xzgate::testing {
namespace {

// Walks the good document and collects changes of it. Confined to one thread.
class Changer {
 public:
  explicit Changer(const json::Value& good) : good_(good) {}

  std::vector<Change> Run() && {
    Visit("", good_);
    return std::move(changes_);
  }

 private:
  void Add(const std::string& path, std::string_view what, json::Value document) {
    changes_.push_back({.path = path, .what = what, .document = std::move(document)});
  }
  void Put(const std::string& path, std::string_view what, json::Value value) {
    Add(path, what, path.empty() ? std::move(value) : With(good_, path, std::move(value)));
  }

  void Visit(const std::string& path, const json::Value& value) {
    if (!path.empty()) {
      Add(path, "removed", Without(good_, path));
      Put(path, "null", {});
    }
    if (const json::Object* object = value.AsObject()) VisitObject(path, *object);
    if (const json::Array* array = value.AsArray()) VisitArray(path, *array);
    if (const std::string* text = value.AsString()) VisitText(path, *text);
    if (const auto number = value.AsInt()) Put(path, "plus one", *number + 1);
  }

  void VisitObject(const std::string& path, const json::Object& object) {
    Put(path, "emptied", json::Object{});
    json::Object more = object;
    more.emplace_back("stranger", "x");
    Put(path, "stranger", std::move(more));
    for (const json::Member& member : object) {
      const std::string below = Below(path, member.first);
      json::Object twice = object;
      twice.push_back(member);
      Add(below, "twice", path.empty() ? json::Value(twice) : With(good_, path, twice));
      Visit(below, member.second);
    }
  }

  void VisitArray(const std::string& path, const json::Array& array) {
    Put(path, "emptied", json::Array{});
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::string below = Below(path, std::to_string(i));
      json::Array doubled = array;
      doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), array[i]);
      Add(below, "doubled", With(good_, path, std::move(doubled)));
      Visit(below, array[i]);
    }
  }

  void VisitText(const std::string& path, const std::string& text) {
    Put(path, "space after", text + " ");
    if (text.empty()) return;
    Put(path, "emptied", "");
    std::string last = text;
    last.back() = static_cast<char>(last.back() ^ 1);
    Put(path, "last character", std::move(last));
    VisitDecimal(path, text);
    VisitBase64(path, text);
  }

  void VisitDecimal(const std::string& path, const std::string& text) {
    if (text.size() > 18 || text.find_first_not_of("0123456789") != text.npos) return;
    Put(path, "plus one", std::to_string(std::stoll(text) + 1));
    Put(path, "leading zero", "0" + text);
  }

  void VisitBase64(const std::string& path, const std::string& text) {
    const auto bytes = crypto::Base64Decode(text);
    if (!bytes || bytes->empty()) return;
    const auto flip = [&](std::string_view what, std::size_t at) {
      std::string other = *bytes;
      other[at] = static_cast<char>(other[at] ^ 1);
      Put(path, what, Base64(other));
    };
    flip("first byte", 0);
    flip("middle byte", bytes->size() / 2);
    flip("last byte", bytes->size() - 1);
    if (!text.ends_with('=')) return;
    // "A", "Q", "g" and "w" end one byte, every fourth digit two: the one after decodes alike.
    std::string spare = text;
    char& digit = spare[spare.find('=') - 1];
    digit = static_cast<char>(digit + 1);
    Put(path, "spare bits", std::move(spare));
  }

  static std::string Below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }

  const json::Value& good_;
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> AllChanges(const json::Value& good) {
  return Changer(good).Run();
}

}  // namespace xzgate::testing
