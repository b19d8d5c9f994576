#include "webhook/gate/report_cache.h"

namespace xzgate::gate {

std::shared_ptr<const rules::Report> ReportCache::Find(const std::string& digest, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  if (found->second->expires <= now) {
    entries_.erase(found->second);
    by_digest_.erase(found);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->report;
}

void ReportCache::Put(std::shared_ptr<const rules::Report> report, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  const bool is_final = report->verdict != rules::Verdict::kUnknown;
  const SteadyTime expires = is_final ? SteadyTime::max() : now + kUnknownLife;
  if (const auto found = by_digest_.find(report->digest); found != by_digest_.end()) {
    *found->second = {std::move(report), expires};
    return;
  }
  if (entries_.size() >= capacity_ && !entries_.empty()) {
    by_digest_.erase(entries_.back().report->digest);
    entries_.pop_back();
  }
  const std::string digest = report->digest;
  entries_.push_front({std::move(report), expires});
  by_digest_[digest] = entries_.begin();
}

}  // namespace xzgate::gate
