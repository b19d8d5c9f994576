#include "cmd/metrics/store_metrics.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>

#include "cmd/metrics/words.h"

namespace xzgate::cmd {

struct StoreMetrics::State {
  State(prometheus::Registry& registry, store::Store& the_store, const Clock& the_clock,
        std::string the_rules)
      : store(the_store),
        clock(the_clock),
        rules(std::move(the_rules)),
        up(prometheus::BuildGauge()
               .Name("xzgate_store_up")
               .Help("1 while the store answers.")
               .Register(registry)
               .Add({})),
        oldest(prometheus::BuildGauge()
                   .Name("xzgate_scan_oldest_queued_seconds")
                   .Help("Age of the oldest job that may be taken now; 0 when there is none.")
                   .Register(registry)
                   .Add({})) {
    auto& depth = prometheus::BuildGauge()
                      .Name("xzgate_scan_queue_depth")
                      .Help("Jobs in the scan queue, by state.")
                      .Register(registry);
    ready = &depth.Add({{"state", "ready"}});
    waiting = &depth.Add({{"state", "waiting"}});
    leased = &depth.Add({{"state", "leased"}});
    dead = &depth.Add({{"state", "dead"}});
    auto& known = prometheus::BuildGauge()
                      .Name("xzgate_verdicts")
                      .Help("Digests in the store with a verdict of the rules in use, by verdict.")
                      .Register(registry);
    for (std::size_t i = 0; i < kVerdicts.size(); ++i)
      verdicts[i] = &known.Add({{"verdict", std::string(kVerdicts[i])}});
  }

  store::Store& store;
  const Clock& clock;
  const std::string rules;
  prometheus::Gauge& up;
  prometheus::Gauge& oldest;
  prometheus::Gauge* ready = nullptr;
  prometheus::Gauge* waiting = nullptr;
  prometheus::Gauge* leased = nullptr;
  prometheus::Gauge* dead = nullptr;
  std::array<prometheus::Gauge*, kVerdicts.size()> verdicts = {};
};

StoreMetrics::StoreMetrics(prometheus::Registry& registry, store::Store& store, const Clock& clock,
                           std::string rules)
    : state_(std::make_unique<State>(registry, store, clock, std::move(rules))) {}
StoreMetrics::~StoreMetrics() = default;

void StoreMetrics::Refresh() {
  const WallTime now = state_->clock.WallNow();
  const auto stats = state_->store.Stats(now);
  const auto counts = state_->store.CountVerdicts(state_->rules);
  state_->up.Set(stats && counts ? 1 : 0);
  if (!stats || !counts) return;
  state_->ready->Set(static_cast<double>(stats->ready));
  state_->waiting->Set(static_cast<double>(stats->waiting));
  state_->leased->Set(static_cast<double>(stats->leased));
  state_->dead->Set(static_cast<double>(stats->dead));
  state_->oldest.Set(stats->oldest ? std::chrono::duration<double>(now - *stats->oldest).count()
                                   : 0);
  for (auto* gauge : state_->verdicts) gauge->Set(0);
  for (const auto& [verdict, count] : *counts)
    state_->verdicts[static_cast<std::size_t>(verdict)]->Set(static_cast<double>(count));
}

}  // namespace xzgate::cmd
