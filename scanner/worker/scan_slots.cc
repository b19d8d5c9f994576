#include "scanner/worker/scan_slots.h"

#include <algorithm>

namespace xzgate::worker {

ScanSlots::Place::Place(ScanSlots& slots, std::string host, SteadyTime since)
    : slots_(slots), host_(std::move(host)), since_(since) {
  slots_.places_.push_back(this);
}

ScanSlots::Place::~Place() {
  const std::lock_guard lock(slots_.mutex_);
  std::erase(slots_.places_, this);
}

int ScanSlots::CountYoung(const std::string* host) const {
  const SteadyTime now = clock_.Now();
  return static_cast<int>(
      std::count_if(places_.begin(), places_.end(), [host, now](const Place* place) {
        return now - place->since_ < kYoung && (host == nullptr || place->host_ == *host);
      }));
}

int ScanSlots::CountAll(const std::string& host) const {
  return static_cast<int>(
      std::count_if(places_.begin(), places_.end(),
                    [&host](const Place* place) { return place->host_ == host; }));
}

// One registry never has every place, however old its scans are.
bool ScanSlots::IsHostFull(const std::string& host) const {
  return CountYoung(&host) >= limits_.per_host || CountAll(host) >= MaxScans(limits_) / 2 + 1;
}

std::optional<store::Priority> ScanSlots::LeastUrgent() const {
  if (static_cast<int>(places_.size()) >= MaxScans(limits_)) return std::nullopt;
  const int young = CountYoung(nullptr);
  if (young < limits_.threads) return store::Priority::kRescan;
  if (young < limits_.threads + 1) return store::Priority::kAdmission;
  return std::nullopt;
}

std::optional<ScanSlots::Opening> ScanSlots::FindOpening() {
  const std::lock_guard lock(mutex_);
  const auto least_urgent = LeastUrgent();
  if (!least_urgent) return std::nullopt;
  Opening opening{.least_urgent = *least_urgent, .full_hosts = {}};
  for (const Place* place : places_) {
    if (IsHostFull(place->host_)) opening.full_hosts.insert(place->host_);
  }
  return opening;
}

std::unique_ptr<ScanSlots::Place> ScanSlots::Enter(const std::string& host,
                                                   store::Priority priority) {
  const std::lock_guard lock(mutex_);
  const auto least_urgent = LeastUrgent();
  if (!least_urgent || priority > *least_urgent || IsHostFull(host)) return nullptr;
  return std::make_unique<Place>(*this, host, clock_.Now());
}

void ScanSlots::StopOverdue() {
  const std::lock_guard lock(mutex_);
  if (static_cast<int>(places_.size()) < MaxScans(limits_)) return;
  const auto longest =
      std::min_element(places_.begin(), places_.end(),
                       [](const Place* a, const Place* b) { return a->since_ < b->since_; });
  if (clock_.Now() - (*longest)->since_ >= kOverdue) (*longest)->give_way_ = true;
}

}  // namespace xzgate::worker
