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
      options_(options),
      slots_({.threads = options.threads, .per_host = options.per_host}, clock) {}

Result<std::optional<store::Job>> JobRunner::Lease(const std::string& worker) {
  auto opening = slots_.FindOpening();
  if (!opening) {
    XZGATE_ASSIGN(const store::QueueStats queue, store_.Stats(clock_.WallNow()));
    if (queue.ready > 0) slots_.StopOverdue();
    return std::nullopt;
  }
  store::LeaseFilter filter{.skip_hosts = source_.BusyHosts(),
                            .least_urgent = opening->least_urgent};
  filter.skip_hosts.insert(filter.skip_hosts.end(), opening->full_hosts.begin(),
                           opening->full_hosts.end());
  return store_.Lease(worker, options_.lease, clock_.WallNow(), filter);
}

ScanResult JobRunner::Scan(const store::Job& job, const std::string& worker,
                           registry::Access access) {
  access.urgent = job.priority == store::Priority::kAdmission;
  const SteadyTime start = clock_.Now();
  const ScanResult result = [&] {
    const LeaseKeeper keeper(store_, clock_, job.id, worker, options_.lease);
    access.raised = &keeper.raised();
    return scanner_.Scan(job.image, access);
  }();
  observer_.OnScan(result, clock_.Now() - start);
  return result;
}

Result<bool> JobRunner::RunOne(const std::string& worker, const registry::Access& access) {
  XZGATE_ASSIGN(const std::optional<store::Job> job, Lease(worker));
  if (!job) return false;
  if (job->crashes >= options_.max_crashes) {
    XZGATE_RETURN_IF_ERROR(
        GiveUp(*job, worker, rules::Cause::kUnreadable,
               "the scanner crashed " + std::to_string(job->crashes) + " times on this image"));
    return true;
  }
  const auto place = slots_.Enter(job->image.repository().host, job->priority);
  if (!place) {
    // Another thread took the last place between the look and the lease.
    XZGATE_RETURN_IF_ERROR(GiveBack(*job, worker));
    return false;
  }
  registry::Access yielding = access;
  yielding.give_way = &place->give_way();
  ScanResult result = Scan(*job, worker, yielding);
  // Our own stop is no fault of the image: it goes back as it came.
  const bool stopped = result.retry && access.IsStopped();
  if (result.retry && place->give_way()) {
    result.retry = Error(ErrorCode::kDeadlineExceeded, "the scan took long while others waited");
  }
  XZGATE_RETURN_IF_ERROR(stopped ? GiveBack(*job, worker)
                                 : Settle(*job, worker, result, place->give_way()));
  return true;
}

Result<void> JobRunner::Settle(const store::Job& job, const std::string& worker,
                               const ScanResult& result, bool gave_way) {
  if (!result.retry) {
    logger_.Info("image scanned", {{"image", job.image.ToString()},
                                   {"verdict", rules::ToString(result.report.verdict)},
                                   {"cause", rules::ToString(result.report.cause)},
                                   {"layers_read", result.cost.layers_read},
                                   {"layers_reused", result.cost.layers_reused},
                                   {"bytes_read", result.cost.bytes_read}});
    return Ended(job, store_.Complete(job.id, worker));
  }
  const Error& error = *result.retry;
  const bool costs = gave_way || CostsAttempt(error.code());
  if (costs && job.attempts + 1 >= options_.max_attempts)
    return GiveUp(job, worker, CauseOf(error.code()), error.message());
  const auto rest = std::max(RestAfter(job.attempts), source_.BusyFor(job.image.repository().host));
  logger_.Warning("image could not be scanned, will be tried again",
                  {{"image", job.image.ToString()},
                   {"error", error.ToString()},
                   {"in_ms", static_cast<std::int64_t>(rest.count())}});
  return Ended(job, store_.Postpone(job.id, worker,
                                    {.not_before = clock_.WallNow() + rest,
                                     .costs_attempt = costs,
                                     .why = error.message(),
                                     .cause = CauseOf(error.code())}));
}

Result<void> JobRunner::GiveBack(const store::Job& job, const std::string& worker) {
  return Ended(
      job, store_.Postpone(job.id, worker,
                           {.not_before = clock_.WallNow(), .costs_attempt = false, .why = ""}));
}

Result<void> JobRunner::GiveUp(const store::Job& job, const std::string& worker, rules::Cause cause,
                               const std::string& why) {
  logger_.Error("image given up", {{"image", job.image.ToString()}, {"why", why}});
  // No report: what one host sends, be it a stream that crashes the scanner, says nothing about the
  // digest elsewhere. Who asks for the image there is told by the job.
  return Ended(job, store_.Bury(job.id, worker, cause, why, clock_.WallNow()));
}

Result<void> JobRunner::Ended(const store::Job& job, const Result<void>& answer) {
  if (answer || answer.error().code() != ErrorCode::kNotFound) return answer;
  logger_.Debug("job was ended by another scan",
                {{"image", job.image.ToString()}, {"why", answer.error().message()}});
  return {};
}

}  // namespace xzgate::worker
