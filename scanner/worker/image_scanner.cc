#include "scanner/worker/image_scanner.h"

#include "scanner/worker/scan_run.h"

namespace xzgate::worker {

rules::Cause CauseOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kNotFound:
      return rules::Cause::kUnreachable;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kIntegrity:
    case ErrorCode::kUnsupported:
    case ErrorCode::kInternal:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return rules::Cause::kUnreadable;
  }
  return rules::Cause::kUnreadable;
}

ImageScanner::ImageScanner(registry::ImageSource& source, store::Store& store,
                           const rules::RulePack& pack, const Clock& clock, log::Logger& logger,
                           ScanOptions options)
    : source_(source),
      store_(store),
      pack_(pack),
      clock_(clock),
      logger_(logger),
      options_(std::move(options)),
      keys_(MakeFactsKeys(pack.probes, options_.layer_limits)) {}

ScanResult ImageScanner::Scan(const oci::PinnedReference& image, const registry::Access& access,
                              const Progress& progress) {
  registry::Access bounded = access;
  bounded.deadline = access.deadline.Min(Deadline::After(clock_.Now(), options_.max_image_time));
  ScanRun run({.source = source_,
               .store = store_,
               .pack = pack_,
               .clock = clock_,
               .logger = logger_,
               .options = options_,
               .keys = keys_,
               .flight = flight_,
               .access = bounded,
               .progress = progress},
              image);
  ScanResult result = run.Execute();
  if (!result.retry) {
    if (auto put = store_.PutReport(result.report, clock_.WallNow()); !put) {
      logger_.Warning("report could not be stored",
                      {{"image", image.ToString()}, {"error", put.error().message()}});
    }
  }
  return result;
}

}  // namespace xzgate::worker
