#include "webhook/gate/gate.h"

#include <map>
#include <mutex>
#include <span>

#include "webhook/gate/final_denial.h"
#include "webhook/gate/look_up.h"
#include "webhook/gate/sighting_log.h"
#include "webhook/gate/use_waiter.h"

namespace xzgate::gate {
namespace {

// A template gets an early word: what a healthy registry and a small scan can tell at once. Its
// pods are waited for.
constexpr std::chrono::milliseconds kTemplatePatience{1'000};

// Only what may run something new is judged. Of subresources only pods/ephemeralcontainers can name
// an image.
bool IsJudged(const admission::Request& request) {
  const bool writes = request.operation == admission::Operation::kCreate ||
                      request.operation == admission::Operation::kUpdate;
  return writes && !policy::PassesUnjudged(request) &&
         (request.subresource.empty() || request.subresource == "ephemeralcontainers");
}

std::string_view EventOf(const policy::Decision& decision) {
  if (decision.action == policy::Action::kDeny) return "request denied";
  return decision.would_block ? "request would be denied" : "request warned";
}

}  // namespace

std::string_view ToString(CacheState state) {
  switch (state) {
    case CacheState::kHit:
      return "hit";
    case CacheState::kStore:
      return "store";
    case CacheState::kWaited:
      return "waited";
    case CacheState::kMiss:
      return "miss";
  }
  return "miss";
}

struct Gate::State {
  State(registry::ImageSource& source, store::Store& the_store, const rules::RulePack& pack,
        const Clock& the_clock, log::Logger& the_logger, Observer& the_observer,
        GateOptions the_options)
      : options(the_options),
        store(the_store),
        clock(the_clock),
        logger(the_logger),
        observer(the_observer),
        policies(std::make_shared<const policy::PolicySet>()),
        changes(store),
        tags(source, store, clock, options.tag_life, [this] { changes.Landed(); }),
        look_up(tags, store, pack.Key(), clock, options.lru_entries),
        waiter(look_up, tags, changes, clock),
        seen(
            [this](std::span<const store::Sighting> batch) { return store.RecordSightings(batch); },
            logger) {}

  std::shared_ptr<const policy::PolicySet> Policies() {
    const std::lock_guard lock(mutex);
    return policies;
  }

  // A share of the caller's patience, counted from the request's arrival.
  Deadline DeadlineOf(const admission::Request& request, SteadyTime arrived,
                      std::chrono::milliseconds timeout) const {
    const auto patience = timeout.count() > 0 ? timeout : options.default_timeout;
    const auto share =
        static_cast<std::int64_t>(static_cast<double>(patience.count()) * options.deadline_share);
    const Deadline deadline = Deadline::After(arrived, std::chrono::milliseconds(share));
    return request.is_template ? deadline.Min(Deadline::After(arrived, kTemplatePatience))
                               : deadline;
  }

  // What is known of each of the request's uses, without waiting. One resolve per request: uses
  // with the same reference share one answer, so that all of them run what was judged
  // (CVE-2022-47633).
  struct Start {
    std::vector<Found> found;
    std::vector<std::size_t> place;  // of each use, in `found`
  };
  Start StartUses(const admission::Request& request, const policy::PolicySet& set,
                  const Terms& terms, CacheState& cache) {
    Start start;
    std::map<std::pair<std::string, bool>, std::size_t> by_reference;
    for (const auto& use : request.uses) {
      auto reference = oci::Reference::Parse(use.reference);
      const auto [item, is_new] = by_reference.try_emplace(
          std::pair(reference ? reference->ToString() : use.reference, use.unchanged),
          start.found.size());
      start.place.push_back(item->second);
      if (!is_new) continue;
      const policy::Rule& rule = reference
                                     ? set.Match(reference->repository(), request.namespace_name)
                                     : set.MatchUnparsed(request.namespace_name);
      start.found.push_back(look_up.Start(use, std::move(reference), rule, terms, cache));
    }
    return start;
  }

  std::vector<policy::JudgedUse> JudgeUses(const admission::Request& request,
                                           const policy::PolicySet& set, const Terms& terms,
                                           CacheState& cache) {
    Start start = StartUses(request, set, terms, cache);
    const Refuses refuses = [&request, &set](const policy::JudgedUse& judged) {
      return IsFinalDenial(request, judged, set);
    };
    waiter.Settle(start.found, terms, refuses, cache);
    if (request.is_template) {
      for (const Found& found : start.found) look_up.FollowUp(found, terms);
    }
    std::vector<policy::JudgedUse> uses;
    for (std::size_t i = 0; i < start.place.size(); ++i) {
      uses.push_back(start.found[start.place[i]].judged);
      uses.back().use = request.uses[i];
    }
    return uses;
  }

  void RecordSightings(const admission::Request& request, const policy::Decision& decision) {
    std::vector<store::Sighting> sightings;
    for (const auto& use : decision.uses) {
      if (!use.judged.pinned) continue;
      sightings.push_back({.image = use.judged.pinned->ToString(),
                           .reference = use.judged.reference->ToString(),
                           .workload = request.Workload(),
                           .namespace_name = request.namespace_name,
                           .when = clock.WallNow()});
    }
    if (!sightings.empty()) seen.Add(std::move(sightings));
  }

  void Log(const admission::Request& request, const policy::Decision& decision) {
    if (decision.action == policy::Action::kAllow && !decision.would_block) return;
    const std::string reference =
        decision.uses.empty() ? "" : decision.uses.front().judged.use.reference;
    const std::string digest = decision.uses.empty() || !decision.uses.front().judged.pinned
                                   ? ""
                                   : decision.uses.front().judged.pinned->digest().ToString();
    logger.Info(EventOf(decision), {{"uid", request.uid},
                                    {"workload", request.Workload()},
                                    {"operation", admission::ToString(request.operation)},
                                    {"user", request.user},
                                    {"decision", policy::ToString(decision.action)},
                                    {"mode", policy::ToString(decision.mode)},
                                    {"reason_code", decision.reason_code},
                                    {"reason", decision.reason},
                                    {"image", reference},
                                    {"digest", digest},
                                    {"dry_run", request.dry_run}});
  }

  const GateOptions options;
  store::Store& store;
  const Clock& clock;
  log::Logger& logger;
  Observer& observer;
  std::mutex mutex;
  std::shared_ptr<const policy::PolicySet>
      policies;  // guarded by mutex; shared: requests under way keep theirs
  // Each borrows those above it, and ends its threads before they go.
  ChangeWatch changes;
  TagResolver tags;
  LookUp look_up;
  UseWaiter waiter;
  SightingLog seen;  // written after the answer
};

Gate::Gate(registry::ImageSource& source, store::Store& store, const rules::RulePack& pack,
           const Clock& clock, log::Logger& logger, Observer& observer, GateOptions options)
    : state_(std::make_unique<State>(source, store, pack, clock, logger, observer, options)) {}

Gate::~Gate() = default;

void Gate::SetPolicies(std::shared_ptr<const policy::PolicySet> policies) {
  const std::lock_guard lock(state_->mutex);
  state_->policies = std::move(policies);
}

admission::Response Gate::Decide(const admission::Request& request, SteadyTime arrived,
                                 std::chrono::milliseconds timeout, WaitPermit& permit) {
  const auto policies = state_->Policies();
  CacheState cache = CacheState::kHit;
  std::vector<policy::JudgedUse> uses;
  if (IsJudged(request)) {
    const Terms terms{.deadline = state_->DeadlineOf(request, arrived, timeout),
                      .leave_trace = !request.dry_run,
                      .permit = permit};
    uses = state_->JudgeUses(request, *policies, terms, cache);
  }
  const policy::Decision decision = policy::Decide(request, std::move(uses), *policies);
  if (!request.dry_run) state_->RecordSightings(request, decision);
  state_->Log(request, decision);
  state_->observer.OnDecision(request, decision, cache, state_->clock.Now() - arrived);
  return policy::ToResponse(request, decision);
}

admission::Response Gate::Shed(const admission::Request& request, SteadyTime arrived,
                               const std::string& reason_code, const std::string& why) {
  std::vector<policy::JudgedUse> uses;
  if (IsJudged(request)) {
    for (const auto& use : request.uses)
      uses.push_back(state_->look_up.Shed(use, reason_code, why));
  }
  const policy::Decision decision = policy::Decide(request, std::move(uses), *state_->Policies());
  state_->observer.OnDecision(request, decision, CacheState::kMiss, state_->clock.Now() - arrived);
  return policy::ToResponse(request, decision);
}

}  // namespace xzgate::gate
