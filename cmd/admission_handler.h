#pragma once

#include <string>

#include "base/log/logger.h"
#include "cmd/metrics/admission_metrics.h"
#include "webhook/gate/gate.h"
#include "webhook/server/listener.h"

namespace xzgate::cmd {

// POST /validate: bytes of a review to bytes of an answer. Every outcome with a readable uid is a
// well-formed AdmissionReview with a chosen decision: a review that cannot be read, or an overload,
// is a denial that says so (kubernetes.md 1.4). Thread-safe; borrows its parts.
class AdmissionHandler final : public server::SheddingHandler {
 public:
  AdmissionHandler(gate::Gate& gate, admission::KindTable kinds, AdmissionMetrics& metrics,
                   log::Logger& logger)
      : gate_(gate), kinds_(std::move(kinds)), metrics_(metrics), logger_(logger) {}

  server::HttpResponse Handle(const server::HttpRequest& request,
                              server::Blocking& blocking) override;

  // Still a decision, by the policy's answer for `pending`.
  server::HttpResponse Overloaded(const server::HttpRequest& request) override;

 private:
  server::HttpResponse Decide(const server::HttpRequest& request, server::Blocking& blocking);
  // A decision without a look-up, by the policy's answer for `pending`.
  server::HttpResponse Undecided(const server::HttpRequest& request, const std::string& reason_code,
                                 const std::string& why);

  gate::Gate& gate_;
  const admission::KindTable kinds_;
  AdmissionMetrics& metrics_;
  log::Logger& logger_;
};

// The value of `timeout=10s` in a query, zero when there is none or it is no Go duration of whole
// seconds or milliseconds.
std::chrono::milliseconds TimeoutOf(std::string_view query);

}  // namespace xzgate::cmd
