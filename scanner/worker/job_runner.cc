#include "scanner/worker/job_runner.h"

#include <algorithm>

#include "scanner/worker/lease_keeper.h"

namespace xzgate::worker {
namespace {

// How long a job rests after a registry failed: from 5 s, doubled by each attempt, up to 10 min.
constexpr std::chrono::milliseconds kFirstRest{5'000};
constexpr std::chrono::milliseconds kLongestRest{600'000};

// No try mends a trust root: somebody has to, and whoever asks for the image ends the rest.
std::chrono::milliseconds RestAfter(int attempts, signature::Reason signature) {
  if (signature == signature::Reason::kTrustRoot) return kLongestRest;
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
                     const ServiceOptions& options, SignatureChecker* signatures)
    : scanner_(scanner),
      source_(source),
      store_(store),
      clock_(clock),
      logger_(logger),
      observer_(observer),
      options_(options),
      signatures_(signatures),
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

std::optional<JobRunner::Trouble> JobRunner::Work(const store::Job& job, const std::string& worker,
                                                  registry::Access access) {
  access.urgent = job.priority == store::Priority::kAdmission;
  const LeaseKeeper keeper(store_, clock_, job.id, worker, options_.lease);
  access.raised = &keeper.raised();
  auto trouble = IsScanned(job.image) ? std::nullopt : Scan(job.image, access);
  // Where the registry does not answer, it is not asked for more.
  if (trouble && CauseOf(trouble->error.code()) == rules::Cause::kUnreachable) return trouble;
  auto unverified = Verify(job.image, access);
  return trouble ? trouble : unverified;
}

// A verdict stands; an `unknown` may be mended by another look.
bool JobRunner::IsScanned(const oci::PinnedReference& image) {
  const auto report = store_.FindReport(image.digest(), scanner_.pack().Key());
  return report && *report && (*report)->verdict != rules::Verdict::kUnknown;
}

std::optional<JobRunner::Trouble> JobRunner::Scan(const oci::PinnedReference& image,
                                                  const registry::Access& access) {
  const SteadyTime start = clock_.Now();
  const ScanResult result = scanner_.Scan(image, access);
  observer_.OnScan(result, clock_.Now() - start);
  if (result.retry) return Trouble{.error = *result.retry};
  logger_.Info("image scanned", {{"image", image.ToString()},
                                 {"verdict", rules::ToString(result.report.verdict)},
                                 {"cause", rules::ToString(result.report.cause)},
                                 {"layers_read", result.cost.layers_read},
                                 {"layers_reused", result.cost.layers_reused},
                                 {"bytes_read", result.cost.bytes_read}});
  return std::nullopt;
}

std::optional<JobRunner::Trouble> JobRunner::Verify(const oci::PinnedReference& image,
                                                    const registry::Access& access) {
  if (signatures_ == nullptr) return std::nullopt;
  auto trouble = signatures_->Check(image, access);
  if (!trouble) return std::nullopt;
  return Trouble{.error = std::move(trouble->error), .signature = trouble->reason};
}

Result<bool> JobRunner::RunOne(const std::string& worker, const registry::Access& access) {
  XZGATE_ASSIGN(const std::optional<store::Job> job, Lease(worker));
  if (!job) return false;
  if (job->crashes >= options_.max_crashes) {
    const std::string why =
        "the scanner crashed " + std::to_string(job->crashes) + " times on this image";
    XZGATE_RETURN_IF_ERROR(GiveUp(*job, worker, {.why = why, .cause = rules::Cause::kUnreadable}));
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
  std::optional<Trouble> trouble = Work(*job, worker, yielding);
  // Our own stop is no fault of the image: it goes back as it came.
  const bool stopped = trouble && access.IsStopped();
  if (trouble && place->give_way()) {
    trouble->error = Error(ErrorCode::kDeadlineExceeded, "the scan took long while others waited");
  }
  XZGATE_RETURN_IF_ERROR(stopped ? GiveBack(*job, worker)
                                 : Settle(*job, worker, trouble, place->give_way()));
  return true;
}

Result<void> JobRunner::Settle(const store::Job& job, const std::string& worker,
                               const std::optional<Trouble>& trouble, bool gave_way) {
  if (!trouble) return Ended(job, store_.Complete(job.id, worker));
  const Error& error = trouble->error;
  const store::Failure failure{
      .why = error.message(), .cause = CauseOf(error.code()), .signature = trouble->signature};
  const bool costs = gave_way || CostsAttempt(error.code());
  if (costs && job.attempts + 1 >= options_.max_attempts) return GiveUp(job, worker, failure);
  const auto rest = std::max(RestAfter(job.attempts, trouble->signature),
                             source_.BusyFor(job.image.repository().host));
  logger_.Warning(trouble->signature == signature::Reason::kNone
                      ? "image could not be scanned, will be tried again"
                      : "signatures could not be judged, will be tried again",
                  {{"image", job.image.ToString()},
                   {"error", error.ToString()},
                   {"in_ms", static_cast<std::int64_t>(rest.count())}});
  return Ended(job, store_.Postpone(job.id, worker,
                                    {.not_before = clock_.WallNow() + rest,
                                     .costs_attempt = costs,
                                     .why = failure.why,
                                     .cause = failure.cause,
                                     .signature = failure.signature}));
}

Result<void> JobRunner::GiveBack(const store::Job& job, const std::string& worker) {
  return Ended(
      job, store_.Postpone(job.id, worker,
                           {.not_before = clock_.WallNow(), .costs_attempt = false, .why = ""}));
}

Result<void> JobRunner::GiveUp(const store::Job& job, const std::string& worker,
                               const store::Failure& failure) {
  logger_.Error("image given up", {{"image", job.image.ToString()}, {"why", failure.why}});
  // No report: what one host sends, be it a stream that crashes the scanner, says nothing about the
  // digest elsewhere. Who asks for the image there is told by the job.
  return Ended(job, store_.Bury(job.id, worker, failure, clock_.WallNow()));
}

Result<void> JobRunner::Ended(const store::Job& job, const Result<void>& answer) {
  if (answer || answer.error().code() != ErrorCode::kNotFound) return answer;
  logger_.Debug("job was ended by another scan",
                {{"image", job.image.ToString()}, {"why", answer.error().message()}});
  return {};
}

}  // namespace xzgate::worker
