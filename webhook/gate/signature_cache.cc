#include "webhook/gate/signature_cache.h"

#include <algorithm>
#include <utility>

#include "scanner/store/signature_state.h"

namespace xzgate::gate {
namespace {

std::string NameOf(const oci::PinnedReference& image, const std::string& requirement) {
  return image.ToString() + ' ' + requirement;
}

std::chrono::milliseconds LifeOf(const signature::Report& report, WallTime wall_now) {
  WallTime end = report.valid_until();
  if (store::IsDenial(report.outcome())) end = std::min(end, report.made() + store::kDenialRefresh);
  return std::min<std::chrono::milliseconds>(end - wall_now, SignatureCache::kMemory);
}

}  // namespace

SignatureCache::SignatureCache(std::size_t capacity)
    : capacity_(std::clamp<std::size_t>(capacity, 1, kMaxEntries)) {}

std::shared_ptr<const signature::Report> SignatureCache::Find(const oci::PinnedReference& image,
                                                              const std::string& requirement,
                                                              SteadyTime now, WallTime wall_now) {
  const std::string name = NameOf(image, requirement);
  const std::lock_guard lock(mutex_);
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  if (found->second->expires <= now || !store::IsBelieved(*found->second->report, wall_now)) {
    Erase(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->report;
}

void SignatureCache::Put(const oci::PinnedReference& image, const std::string& requirement,
                         std::shared_ptr<const signature::Report> report, SteadyTime now,
                         WallTime wall_now) {
  const SteadyTime expires = now + LifeOf(*report, wall_now);
  if (expires <= now) return;
  std::string name = NameOf(image, requirement);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_name_.find(name); found != by_name_.end()) Erase(found->second);
  if (entries_.size() >= capacity_) Erase(std::prev(entries_.end()));
  entries_.push_front({name, std::move(report), expires});
  by_name_[std::move(name)] = entries_.begin();
}

// With mutex_ held.
void SignatureCache::Erase(Entries::iterator entry) {
  by_name_.erase(entry->name);
  entries_.erase(entry);
}

}  // namespace xzgate::gate
