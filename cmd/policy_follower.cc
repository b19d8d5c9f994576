#include "cmd/policy_follower.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/clock.h"
#include "cmd/metrics/words.h"
#include "cmd/policy_notes.h"

namespace xzgate::cmd {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

// The earliest end of each name.
std::map<std::string, WallTime> RootEnds(const policy::PolicySet& policies) {
  std::map<std::string, WallTime> ends;
  for (const auto& rule : policies.rules()) {
    for (const auto& entry : rule.signature_rules) {
      for (const auto& authority : entry.sealed.requirement->authorities) {
        for (const auto& root : authority->roots) {
          const auto end = root->expires();
          if (!end) continue;
          const auto place = ends.try_emplace(root->name(), *end).first;
          place->second = std::min(place->second, *end);
        }
      }
    }
  }
  return ends;
}

}  // namespace

struct PolicyFollower::Metrics {
  explicit Metrics(prometheus::Registry& registry)
      : reload_good(prometheus::BuildGauge()
                        .Name("xzgate_policy_last_reload_successful")
                        .Help("1 when the policy files as they are now are in force.")
                        .Register(registry)
                        .Add({})),
        info(prometheus::BuildGauge()
                 .Name("xzgate_policy_info")
                 .Help("The policies in force; always 1.")
                 .Register(registry)),
        root_ends(prometheus::BuildGauge()
                      .Name("xzgate_trust_root_expiry_timestamp_seconds")
                      .Help("When nothing signed after it can be verified by this trust root, of "
                            "those that end and that policies in force name.")
                      .Register(registry)) {
    auto& rules = prometheus::BuildGauge()
                      .Name("xzgate_policy_rules")
                      .Help("Policies in force, by mode.")
                      .Register(registry);
    for (std::size_t i = 0; i < kModes.size(); ++i)
      by_mode[i] = &rules.Add({{"mode", std::string(kModes[i])}});
  }

  void Show(const policy::PolicySet& policies) {
    if (current != nullptr) info.Remove(current);
    current = &info.Add({{"version", policies.version()}});
    current->Set(1);
    for (auto* gauge : by_mode) gauge->Set(0);
    for (const auto& rule : policies.rules())
      by_mode[static_cast<std::size_t>(rule.mode)]->Increment();
    ShowRoots(policies);
  }

  void ShowRoots(const policy::PolicySet& policies) {
    for (auto* gauge : shown_roots) root_ends.Remove(gauge);
    shown_roots.clear();
    for (const auto& [name, end] : RootEnds(policies)) {
      shown_roots.push_back(&root_ends.Add({{"root", name}}));
      shown_roots.back()->Set(std::chrono::duration<double>(end.time_since_epoch()).count());
    }
  }

  prometheus::Gauge& reload_good;
  prometheus::Family<prometheus::Gauge>& info;
  prometheus::Gauge* current = nullptr;
  prometheus::Family<prometheus::Gauge>& root_ends;
  std::vector<prometheus::Gauge*> shown_roots;
  std::array<prometheus::Gauge*, kModes.size()> by_mode = {};
};

PolicyFollower::PolicyFollower(std::vector<std::string> paths, Sink sink, log::Logger& logger,
                               prometheus::Registry& metrics)
    : files_(std::move(paths)),
      sink_(std::move(sink)),
      logger_(logger),
      metrics_(std::make_unique<Metrics>(metrics)) {}

PolicyFollower::~PolicyFollower() {
  Stop();
}

void PolicyFollower::Start() {
  Look();
  thread_ = std::thread([this] { Run(); });
}

void PolicyFollower::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool PolicyFollower::IsLoaded() {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

std::string PolicyFollower::LastError() {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

void PolicyFollower::Look() {
  auto change = files_.Poll();
  if (!change) return;
  metrics_->reload_good.Set(change->policies ? 1 : 0);
  bool has_old = false;
  {
    const std::lock_guard lock(mutex_);
    has_old = loaded_;
    last_error_ = change->error;
    if (change->policies) loaded_ = true;
  }
  if (!change->policies) {
    logger_.Error(has_old ? "policies are bad, the old ones stay in force"
                          : "policies are bad, none are in force yet but the built-in default",
                  {{"error", change->error}});
    return;
  }
  metrics_->Show(*change->policies);
  logger_.Info("policies in force",
               {{"version", change->policies->version()},
                {"policies", static_cast<std::uint64_t>(change->policies->rules().size())}});
  for (const auto& note : PolicyNotes(*change->policies, SystemClock().WallNow()))
    logger_.Warning("policy to look at", {{"note", note}});
  sink_(std::move(change->policies));
}

void PolicyFollower::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLookEvery, [this] { return stopping_; })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

}  // namespace xzgate::cmd
