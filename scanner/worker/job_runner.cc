#include "scanner/worker/job_runner.h"

#include <algorithm>

#include "scanner/worker/lease_keeper.h"

namespace xzgate::worker {
namespace {

// How long a job rests after a registry failed: from 5 s, doubled by each attempt, up to 10 min.
constexpr std::chrono::milliseconds kFirstRest{5'000};
constexpr std::chrono::milliseconds kLongestRest{600'000};

std::chrono::milliseconds RestAfter(int attempts) {
  return std::min(kFirstRest * (1 << std::min(attempts, 10)), kLongestRest);
}

// 429, 5xx, a refused connection and 401 say nothing about the image: the registry or our
// credentials will be mended (issue: "cost no attempt").
bool CostsAttempt(ErrorCode code) {
  return code != ErrorCode::kUnavailable && code != ErrorCode::kUnauthenticated &&
         code != ErrorCode::kDeadlineExceeded;
}

}  // namespace

JobRunner::JobRunner(ImageScanner& scanner, registry::ImageSource& source, store::Store& store,
                     const Clock& clock, log::Logger& logger, ScanObserver& observer,
                     const ServiceOptions& options)
    : scanner_(scanner),
      source_(source),
      store_(store),
      clock_(clock),
      logger_(logger),
      observer_(observer),
      options_(options) {}

store::LeaseFilter JobRunner::Filter(bool urgent_only) {
  store::LeaseFilter filter{
      .skip_hosts = source_.BusyHosts(),
      .least_urgent = urgent_only ? store::Priority::kAdmission : store::Priority::kRescan};
  const std::lock_guard lock(mutex_);
  for (const auto& [host, scans] : scans_of_host_) {
    if (scans >= options_.per_host) filter.skip_hosts.push_back(host);
  }
  return filter;
}

bool JobRunner::Enter(const std::string& host) {
  const std::lock_guard lock(mutex_);
  int& scans = scans_of_host_[host];
  if (scans >= options_.per_host) return false;
  ++scans;
  return true;
}

void JobRunner::Leave(const std::string& host) {
  const std::lock_guard lock(mutex_);
  if (--scans_of_host_[host] == 0) scans_of_host_.erase(host);
}

ScanResult JobRunner::Scan(const store::Job& job, const std::string& worker,
                           registry::Access access) {
  access.urgent = job.priority == store::Priority::kAdmission;
  const SteadyTime start = clock_.Now();
  const ScanResult result = [&] {
    const LeaseKeeper keeper(store_, clock_, job.id, worker, options_.lease);
    return scanner_.Scan(job.image, access);
  }();
  observer_.OnScan(result, clock_.Now() - start);
  return result;
}

Result<bool> JobRunner::RunOne(const std::string& worker, const registry::Access& access,
                               bool urgent_only) {
  XZGATE_ASSIGN(const std::optional<store::Job> job,
                store_.Lease(worker, options_.lease, clock_.WallNow(), Filter(urgent_only)));
  if (!job) return false;
  if (job->crashes >= options_.max_crashes) {
    XZGATE_RETURN_IF_ERROR(
        GiveUp(*job, rules::Cause::kUnreadable,
               "the scanner crashed " + std::to_string(job->crashes) + " times on this image"));
    return true;
  }
  const std::string& host = job->image.repository().host;
  if (!Enter(host)) {
    // Another thread took the host's last place between the look and the lease.
    XZGATE_RETURN_IF_ERROR(store_.Postpone(
        job->id, {.not_before = clock_.WallNow(), .costs_attempt = false, .why = ""}));
    return false;
  }
  const ScanResult result = Scan(*job, worker, access);
  Leave(host);
  if (result.retry && access.IsStopped()) {
    // Our own stop is no fault of the image: it goes back as it came.
    XZGATE_RETURN_IF_ERROR(store_.Postpone(
        job->id, {.not_before = clock_.WallNow(), .costs_attempt = false, .why = ""}));
    return true;
  }
  XZGATE_RETURN_IF_ERROR(Settle(*job, result));
  return true;
}

Result<void> JobRunner::Settle(const store::Job& job, const ScanResult& result) {
  if (!result.retry) {
    logger_.Info("image scanned", {{"image", job.image.ToString()},
                                   {"verdict", rules::ToString(result.report.verdict)},
                                   {"cause", rules::ToString(result.report.cause)},
                                   {"layers_read", result.cost.layers_read},
                                   {"layers_reused", result.cost.layers_reused},
                                   {"bytes_read", result.cost.bytes_read}});
    return store_.Complete(job.id);
  }
  const Error& error = *result.retry;
  const bool costs = CostsAttempt(error.code());
  if (costs && job.attempts + 1 >= options_.max_attempts)
    return GiveUp(job, rules::Cause::kUnreachable, error.message());
  const auto rest = std::max(RestAfter(job.attempts), source_.BusyFor(job.image.repository().host));
  logger_.Warning("image could not be scanned, will be tried again",
                  {{"image", job.image.ToString()},
                   {"error", error.ToString()},
                   {"in_ms", static_cast<std::int64_t>(rest.count())}});
  return store_.Postpone(
      job.id,
      {.not_before = clock_.WallNow() + rest, .costs_attempt = costs, .why = error.message()});
}

Result<void> JobRunner::GiveUp(const store::Job& job, rules::Cause cause, const std::string& why) {
  logger_.Error("image given up", {{"image", job.image.ToString()}, {"why", why}});
  if (cause == rules::Cause::kUnreadable) {
    XZGATE_RETURN_IF_ERROR(store_.PutReport(
        rules::UnknownReport(job.image.digest().ToString(), cause, why, scanner_.pack().Key()),
        clock_.WallNow()));
  }
  return store_.Bury(job.id, why, clock_.WallNow());
}

}  // namespace xzgate::worker
