#include "cmd/metrics/scan_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "cmd/metrics/words.h"

namespace xzgate::cmd {
namespace {

// Seconds; from an image whose layers are all known to one of many gigabytes.
const prometheus::Histogram::BucketBoundaries kScanBuckets = {.01, .05, .1, .25, .5,  1,  2.5,
                                                              5,   10,  30, 60,  300, 900};
// Seconds; from one whose signatures are all kept to one at a registry that hardly answers.
const prometheus::Histogram::BucketBoundaries kVerificationBuckets = {
    .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120};

}  // namespace

struct ScanMetrics::State {
  explicit State(prometheus::Registry& registry)
      : duration(prometheus::BuildHistogram()
                     .Name("xzgate_scan_duration_seconds")
                     .Help("Time one image took, whatever came of it.")
                     .Register(registry)
                     .Add({}, kScanBuckets)),
        bytes(prometheus::BuildCounter()
                  .Name("xzgate_scanned_bytes_total")
                  .Help("Bytes of layers read from registries, as they lie there.")
                  .Register(registry)
                  .Add({})),
        verification_duration(
            prometheus::BuildHistogram()
                .Name("xzgate_signature_verification_duration_seconds")
                .Help("Time the signatures of one image took under one requirement, registry "
                      "calls included.")
                .Register(registry)
                .Add({}, kVerificationBuckets)) {
    auto& verification_family =
        prometheus::BuildCounter()
            .Name("xzgate_signature_verifications_total")
            .Help(
                "Verifications of one image under one requirement, by outcome; undecided: to be "
                "tried again.")
            .Register(registry);
    for (std::size_t i = 0; i < kOutcomes.size(); ++i)
      verifications[i] = &verification_family.Add({{"outcome", std::string(kOutcomes[i])}});
    auto& scan_family = prometheus::BuildCounter()
                            .Name("xzgate_scans_total")
                            .Help("Images scanned, by verdict; postponed: to be tried again.")
                            .Register(registry);
    for (std::size_t i = 0; i < kVerdicts.size(); ++i)
      scans[i] = &scan_family.Add({{"verdict", std::string(kVerdicts[i])}});
    postponed = &scan_family.Add({{"verdict", "postponed"}});
    auto& layer_family =
        prometheus::BuildCounter()
            .Name("xzgate_scan_layers_total")
            .Help("Layers that scans needed, by whether they were read or their facts were known.")
            .Register(registry);
    layers_read = &layer_family.Add({{"source", "read"}});
    layers_reused = &layer_family.Add({{"source", "reused"}});
  }

  prometheus::Histogram& duration;
  prometheus::Counter& bytes;
  prometheus::Histogram& verification_duration;
  std::array<prometheus::Counter*, kOutcomes.size()> verifications = {};
  std::array<prometheus::Counter*, kVerdicts.size()> scans = {};
  prometheus::Counter* postponed = nullptr;
  prometheus::Counter* layers_read = nullptr;
  prometheus::Counter* layers_reused = nullptr;
};

ScanMetrics::ScanMetrics(prometheus::Registry& registry)
    : state_(std::make_unique<State>(registry)) {}
ScanMetrics::~ScanMetrics() = default;

void ScanMetrics::OnScan(const worker::ScanResult& result, std::chrono::nanoseconds took) {
  state_->duration.Observe(std::chrono::duration<double>(took).count());
  state_->bytes.Increment(static_cast<double>(result.cost.bytes_read));
  state_->layers_read->Increment(static_cast<double>(result.cost.layers_read));
  state_->layers_reused->Increment(static_cast<double>(result.cost.layers_reused));
  if (result.retry) {
    state_->postponed->Increment();
  } else {
    state_->scans[static_cast<std::size_t>(result.report.verdict)]->Increment();
  }
}

void ScanMetrics::OnVerification(const signature::Report& report, std::chrono::nanoseconds took) {
  state_->verification_duration.Observe(std::chrono::duration<double>(took).count());
  state_->verifications[PlaceOf(kOutcomes, signature::ToString(report.outcome()))]->Increment();
}

}  // namespace xzgate::cmd
