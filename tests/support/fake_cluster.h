#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "webhook/kube/cluster.h"
#include "webhook/kube/object.h"
#include "webhook/kube/status.h"

namespace xzgate::testing {

// A cluster in memory that keeps resource versions, generations and the history of changes as the
// API server does, and fails on command; link xzgate::kube. Thread-safe.
//
//   FakeCluster cluster;
//   cluster.Put(kube::Secrets(), kube::ToJson(secret));          // somebody else's writing
//   cluster.BeforeNext("update", [&] { cluster.Put(...); });      // a replica that is faster
//   cluster.FailNext("get", Error(ErrorCode::kUnavailable, "down"));
//   EXPECT_THAT(cluster.calls(), ElementsAre("get secrets xzgate/tls", ...));
//
// A watch serves what happened since its resource version and then ends, after `WhenIdle` had a
// chance to make more happen. Verbs: get create update apply patch delete list watch next (of a
// stream).
class FakeCluster final : public kube::Cluster {
 public:
  // Stores an object whatever its resource version is. Returns it as it was stored.
  json::Value Put(const kube::Resource& resource, const json::Value& object) {
    const std::lock_guard lock(mutex_);
    return Store(resource, object);
  }
  void Remove(const kube::Resource& resource, const kube::ObjectName& name) {
    const std::lock_guard lock(mutex_);
    Erase(resource, name);
  }
  std::optional<json::Value> Find(const kube::Resource& resource,
                                  const kube::ObjectName& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(KeyOf(resource, name));
    return found == objects_.end() ? std::nullopt : std::optional(found->second);
  }
  std::size_t Count(const kube::Resource& resource) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(objects_, [&](const auto& entry) {
      return std::get<0>(entry.first) == resource.ToString();
    }));
  }

  // The next `times` calls of this verb fail and change nothing.
  void FailNext(const std::string& verb, Error error, int times = 1) {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < times; ++i) faults_[verb].push_back(error);
  }
  // The next call of this verb is done, and fails nevertheless: its answer was lost.
  void LoseNextAnswer(const std::string& verb) {
    const std::lock_guard lock(mutex_);
    lost_.push_back(verb);
  }
  // Runs once, before the next call of this verb, without a lock held.
  void BeforeNext(const std::string& verb, std::function<void()> action) {
    const std::lock_guard lock(mutex_);
    actions_[verb].push_back(std::move(action));
  }
  // Runs, without a lock held, whenever a stream has nothing more to serve.
  void WhenIdle(std::function<void()> action) {
    const std::lock_guard lock(mutex_);
    idle_ = std::move(action);
  }
  // The API server compacts its history: to go on from before now is ErrorKind::kExpired.
  void Forget() {
    const std::lock_guard lock(mutex_);
    oldest_ = ++version_;
  }
  // A page of List has this many objects; between pages BeforeNext("page") runs.
  void SetPage(std::size_t objects) { page_ = objects; }

  // Every call so far, such as "get secrets xzgate/tls".
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void ForgetCalls() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
  }

  Result<json::Value> Get(const kube::Resource& resource, const kube::ObjectName& name,
                          Deadline) override {
    XZGATE_RETURN_IF_ERROR(kube::ObjectPath(resource, name));
    XZGATE_RETURN_IF_ERROR(Begin("get", resource, name));
    const std::lock_guard lock(mutex_);
    return Existing("get", resource, name);
  }

  Result<json::Value> Create(const kube::Resource& resource, const json::Value& object,
                             Deadline) override {
    kube::ObjectName name = kube::NameOf(object);
    XZGATE_RETURN_IF_ERROR(Begin("create", resource, name));
    const std::lock_guard lock(mutex_);
    json::Value stored = object;
    if (name.name.empty()) {
      name.name = kube::MetadataText(object, "generateName") + std::to_string(version_);
      kube::SetMember(*Metadata(stored), "name", std::string_view(name.name));
    }
    if (objects_.contains(KeyOf(resource, name))) {
      return AlreadyExists("create " + Text(resource, name) + ": already exists");
    }
    stored = Store(resource, stored);
    return Answer("create", std::move(stored));
  }

  Result<json::Value> Update(const kube::Resource& resource, const json::Value& object,
                             Deadline) override {
    const kube::ObjectName name = kube::NameOf(object);
    if (kube::ResourceVersionOf(object).empty()) {
      return InvalidArgument("update " + Text(resource, name) +
                             ": want metadata.resourceVersion, as it was read");
    }
    XZGATE_RETURN_IF_ERROR(Begin("update", resource, name));
    const std::lock_guard lock(mutex_);
    XZGATE_ASSIGN(const json::Value current, Existing("update", resource, name));
    if (kube::ResourceVersionOf(current) != kube::ResourceVersionOf(object)) {
      return Conflict("update " + Text(resource, name) + ": changed since it was read");
    }
    return Answer("update", Store(resource, object));
  }

  Result<json::Value> Apply(const kube::Resource& resource, const json::Value& object, kube::Force,
                            Deadline) override {
    const kube::ObjectName name = kube::NameOf(object);
    XZGATE_RETURN_IF_ERROR(Begin("apply", resource, name));
    const std::lock_guard lock(mutex_);
    const auto current = Existing("apply", resource, name);
    return Answer("apply", Store(resource, current ? Merge(*current, object) : object));
  }

  Result<json::Value> Patch(const kube::Resource& resource, const kube::ObjectName& name,
                            const kube::JsonPatch& patch, Deadline) override {
    XZGATE_RETURN_IF_ERROR(Begin("patch", resource, name));
    const std::lock_guard lock(mutex_);
    XZGATE_ASSIGN(json::Value changed, Existing("patch", resource, name));
    for (const json::Value& step : patch.steps()) {
      if (!TakeStep(changed, step)) {
        const std::string text = "patch " + Text(resource, name) + ": a step cannot be taken";
        return kube::TextOr(step, "op") == "test" ? Result<json::Value>(Conflict(text))
                                                  : InvalidArgument(text);
      }
    }
    return Answer("patch", Store(resource, changed));
  }

  Result<void> Delete(const kube::Resource& resource, const kube::ObjectName& name,
                      const std::string& resource_version, Deadline) override {
    XZGATE_RETURN_IF_ERROR(Begin("delete", resource, name));
    const std::lock_guard lock(mutex_);
    XZGATE_ASSIGN(const json::Value current, Existing("delete", resource, name));
    if (!resource_version.empty() && kube::ResourceVersionOf(current) != resource_version) {
      return Conflict("delete " + Text(resource, name) + ": changed since it was read");
    }
    Erase(resource, name);
    return {};
  }

  Result<kube::ListEnd> List(const kube::Listable& resource, const kube::Selection& selection,
                             kube::ListReader& reader, Deadline) override {
    XZGATE_RETURN_IF_ERROR(Begin("list", resource, {.ns = selection.ns}));
    std::vector<json::Value> found;
    kube::ListEnd end;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [key, object] : objects_) {
        if (std::get<0>(key) == resource.ToString() && IsSelected(selection, object)) {
          found.push_back(object);
        }
      }
      end.resource_version = std::to_string(version_);
    }
    for (json::Value& object : found) {
      if (end.objects > 0 && end.objects % page_ == 0) {
        XZGATE_RETURN_IF_ERROR(Begin("page", resource, {.ns = selection.ns}));
      }
      ++end.objects;
      XZGATE_RETURN_IF_ERROR(reader.OnObject(std::move(object)));
    }
    return end;
  }

  Result<std::unique_ptr<kube::ChangeStream>> Watch(const kube::Listable& resource,
                                                    const kube::Selection& selection,
                                                    const kube::WatchOptions& options) override {
    XZGATE_RETURN_IF_ERROR(Begin("watch", resource, {.ns = selection.ns}));
    const auto from = ParseUint(options.resource_version);
    if (!from) return InvalidArgument("watch " + resource.ToString() + ": no resource version");
    return std::make_unique<Stream>(*this, resource, selection, *from);
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  struct Happened {
    std::uint64_t version;
    std::string resource;
    kube::Change change;
  };

  class Stream final : public kube::ChangeStream {
   public:
    Stream(FakeCluster& cluster, kube::Listable resource, kube::Selection selection,
           std::uint64_t from)
        : cluster_(cluster), resource_(std::move(resource)), selection_(selection), at_(from) {}

    Result<std::optional<kube::Change>> Next() override {
      XZGATE_RETURN_IF_ERROR(cluster_.TakeFault("next"));
      for (bool asked = false;; asked = true) {
        XZGATE_ASSIGN(auto change, Take());
        if (change || asked) return change;
        cluster_.OnIdle();
        XZGATE_RETURN_IF_ERROR(cluster_.TakeFault("next"));
      }
    }

   private:
    Result<std::optional<kube::Change>> Take() {
      const std::lock_guard lock(cluster_.mutex_);
      if (at_ < cluster_.oldest_) {
        return std::unexpected(kube::ToError(410, {}, {.verb = "watch", .resource = resource_}));
      }
      for (const Happened& each : cluster_.history_) {
        if (each.version <= at_ || each.resource != resource_.ToString() ||
            !IsSelected(selection_, each.change.object)) {
          continue;
        }
        at_ = each.version;
        return each.change;
      }
      return std::nullopt;
    }

    FakeCluster& cluster_;
    const kube::Listable resource_;
    const kube::Selection selection_;
    std::uint64_t at_;
  };

  static Key KeyOf(const kube::Resource& resource, const kube::ObjectName& name) {
    return {resource.ToString(), name.ns, name.name};
  }
  static std::string Text(const kube::Resource& resource, const kube::ObjectName& name) {
    return resource.ToString() + " " + (name.ns.empty() ? "" : name.ns + "/") + name.name;
  }
  // Knows one field selector: metadata.name=NAME. Labels are not looked at.
  static bool IsSelected(const kube::Selection& selection, const json::Value& object) {
    const kube::ObjectName name = kube::NameOf(object);
    return (selection.ns.empty() || selection.ns == name.ns) &&
           (selection.fields.empty() || selection.fields == "metadata.name=" + name.name);
  }
  static json::Object* Metadata(json::Value& object) {
    if (object.Find("metadata") == nullptr) {
      kube::SetMember(*object.AsObject(), "metadata", json::Object());
    }
    return Member(object, "metadata")->AsObject();
  }
  static json::Value* Member(json::Value& object, std::string_view key) {
    return const_cast<json::Value*>(object.Find(key));
  }
  static json::Value Merge(json::Value base, const json::Value& over) {
    if (base.AsObject() == nullptr || over.AsObject() == nullptr) return over;
    for (const auto& [key, value] : *over.AsObject()) {
      const json::Value* old = base.Find(key);
      kube::SetMember(*base.AsObject(), key, old == nullptr ? value : Merge(*old, value));
    }
    return base;
  }
  // What a new generation stands for: everything but metadata.
  static std::string Content(json::Value object) {
    kube::RemoveMember(*object.AsObject(), "metadata");
    return kube::CanonicalText(object);
  }

  Result<void> Begin(const std::string& verb, const kube::Resource& resource,
                     const kube::ObjectName& name) {
    std::function<void()> action;
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(verb + " " + Text(resource, name));
      auto& waiting = actions_[verb];
      if (!waiting.empty()) {
        action = std::move(waiting.front());
        waiting.pop_front();
      }
    }
    if (action) action();
    return TakeFault(verb);
  }
  Result<void> TakeFault(const std::string& verb) {
    const std::lock_guard lock(mutex_);
    auto& faults = faults_[verb];
    if (faults.empty()) return {};
    Error error = faults.front();
    faults.pop_front();
    return std::unexpected(std::move(error));
  }
  void OnIdle() {
    std::unique_lock lock(mutex_);
    const auto action = idle_;
    lock.unlock();
    if (action) action();
  }

  // The lock is held in all that follows.
  Result<json::Value> Existing(const std::string& verb, const kube::Resource& resource,
                               const kube::ObjectName& name) const {
    const auto found = objects_.find(KeyOf(resource, name));
    if (found != objects_.end()) return found->second;
    return NotFound(verb + " " + Text(resource, name) + ": not found");
  }
  Result<json::Value> Answer(const std::string& verb, json::Value stored) {
    if (const auto lost = std::ranges::find(lost_, verb); lost != lost_.end()) {
      lost_.erase(lost);
      return Unavailable(verb + ": the answer was lost");
    }
    return stored;
  }
  json::Value Store(const kube::Resource& resource, json::Value object) {
    const Key key = KeyOf(resource, kube::NameOf(object));
    const auto old = objects_.find(key);
    const json::Value* before = old == objects_.end() ? nullptr : &old->second;
    // The API server does not write what changes nothing.
    json::Object* const metadata = Metadata(object);
    if (before != nullptr) {
      kube::SetMember(*metadata, "resourceVersion",
                      std::string_view(kube::ResourceVersionOf(*before)));
      kube::SetMember(*metadata, "uid", std::string_view(kube::MetadataText(*before, "uid")));
      kube::SetMember(*metadata, "generation", *before->Find("metadata")->Find("generation"));
      if (kube::CanonicalText(object) == kube::CanonicalText(*before)) return object;
    }
    ++version_;
    kube::SetMember(*metadata, "resourceVersion", std::string_view(std::to_string(version_)));
    if (before == nullptr) {
      kube::SetMember(*metadata, "uid", "uid-" + std::to_string(version_));
      kube::SetMember(*metadata, "generation", 1);
    } else if (Content(object) != Content(*before)) {
      const auto generation = before->Find("metadata")->Find("generation")->AsInt().value_or(0);
      kube::SetMember(*metadata, "generation", generation + 1);
    }
    history_.push_back(
        {version_,
         resource.ToString(),
         {.kind = before == nullptr ? kube::Change::Kind::kAdded : kube::Change::Kind::kModified,
          .object = object,
          .resource_version = std::to_string(version_)}});
    objects_[key] = object;
    return object;
  }
  void Erase(const kube::Resource& resource, const kube::ObjectName& name) {
    const auto found = objects_.find(KeyOf(resource, name));
    if (found == objects_.end()) return;
    ++version_;
    kube::SetMember(*Metadata(found->second), "resourceVersion",
                    std::string_view(std::to_string(version_)));
    history_.push_back({version_,
                        resource.ToString(),
                        {.kind = kube::Change::Kind::kDeleted,
                         .object = found->second,
                         .resource_version = std::to_string(version_)}});
    objects_.erase(found);
  }

  // One step of RFC 6902: test, add, replace and remove; paths without escapes.
  static bool TakeStep(json::Value& root, const json::Value& step) {
    const std::string op = kube::TextOr(step, "op");
    const std::string path = kube::TextOr(step, "path");
    const json::Value* value = step.Find("value");
    json::Value* at = &root;
    const auto parts = Split(std::string_view(path).substr(path.empty() ? 0 : 1), '/');
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      at = Child(*at, parts[i]);
      if (at == nullptr) return false;
    }
    const std::string_view last = parts.back();
    json::Value* const found = Child(*at, last);
    if (op == "test") return found != nullptr && value != nullptr && *found == *value;
    if (op == "remove") {
      if (found == nullptr || at->AsObject() == nullptr) return false;
      kube::RemoveMember(*at->AsObject(), last);
      return true;
    }
    if (value == nullptr) return false;
    if (at->AsObject() != nullptr) {
      kube::SetMember(*at->AsObject(), last, *value);
      return true;
    }
    if (at->AsArray() == nullptr || (last != "-" && found == nullptr)) return false;
    if (last == "-") {
      at->AsArray()->push_back(*value);
    } else if (op == "replace") {
      *found = *value;
    } else {
      at->AsArray()->insert(at->AsArray()->begin() + (found - at->AsArray()->data()), *value);
    }
    return true;
  }
  static json::Value* Child(json::Value& parent, std::string_view key) {
    if (parent.AsObject() != nullptr) return Member(parent, key);
    json::Array* const items = parent.AsArray();
    const auto index = ParseUint(key);
    return items != nullptr && index && *index < items->size() ? &(*items)[*index] : nullptr;
  }

  mutable std::mutex mutex_;  // guards what follows
  std::map<Key, json::Value> objects_;
  std::vector<Happened> history_;
  std::uint64_t version_ = 100;
  std::uint64_t oldest_ = 0;
  std::size_t page_ = SIZE_MAX;
  std::map<std::string, std::deque<Error>> faults_;
  std::map<std::string, std::deque<std::function<void()>>> actions_;
  std::vector<std::string> lost_;
  std::function<void()> idle_;
  std::vector<std::string> calls_;
};

}  // namespace xzgate::testing
