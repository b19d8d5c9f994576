#include "cmd/admission_handler.h"

#include <exception>

#include "base/json/value.h"
#include "base/text.h"

namespace xzgate::cmd {
namespace {

constexpr std::chrono::seconds kLongestTimeout{30};  // the API server's own bound

// The gate's permission to wait is the worker pool's.
class Permit final : public gate::WaitPermit {
 public:
  explicit Permit(server::Blocking& blocking) : blocking_(blocking) {}
  bool Begin() override { return blocking_.Begin(); }
  void End() override { blocking_.End(); }

 private:
  server::Blocking& blocking_;
};

class InFlight {
 public:
  explicit InFlight(AdmissionMetrics& metrics) : metrics_(metrics) { metrics_.OnRequestStart(); }
  ~InFlight() { metrics_.OnRequestEnd(); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  AdmissionMetrics& metrics_;
};

server::HttpResponse Answer(const admission::Response& response) {
  return {.status = 200,
          .content_type = "application/json",
          .body = admission::EncodeResponse(response)};
}

server::HttpResponse Refusal(int status, std::string message) {
  return {.status = status,
          .content_type = "application/json",
          .body = json::Encode(json::Object{{"error", std::move(message)}})};
}

admission::Response Denial(std::string uid, int code, std::string_view reason_code,
                           std::string message) {
  admission::Response response;
  response.uid = std::move(uid);
  response.allowed = false;
  response.code = code;
  response.message =
      "xzgate: request denied [" + std::string(reason_code) + "]: " + std::move(message);
  response.audit_annotations = {{"decision", "deny"}, {"reason", std::string(reason_code)}};
  return response;
}

}  // namespace

std::chrono::milliseconds TimeoutOf(std::string_view query) {
  for (const auto part : Split(query, '&')) {
    if (!part.starts_with("timeout=")) continue;
    std::string_view text = part.substr(8);
    std::int64_t unit = 0;
    if (text.ends_with("ms")) {
      unit = 1;
      text.remove_suffix(2);
    } else if (text.ends_with("s")) {
      unit = 1000;
      text.remove_suffix(1);
    }
    const auto count = ParseUint(text);
    if (!count || unit == 0 || *count > 1'000'000) return {};
    return std::min(std::chrono::milliseconds(static_cast<std::int64_t>(*count) * unit),
                    std::chrono::milliseconds(kLongestTimeout));
  }
  return {};
}

server::HttpResponse AdmissionHandler::Handle(const server::HttpRequest& request,
                                              server::Blocking& blocking) {
  const InFlight in_flight(metrics_);
  try {
    return Decide(request, blocking);
  } catch (const std::exception& fault) {
    // Memory ran out, or a bug of ours: still a decision, whose text tells nothing of the inside.
    logger_.Error("request failed", {{"reason_code", "SY001"}, {"error", fault.what()}});
    return Undecided(request, "SY001", "internal error; see the log of xzgate");
  }
}

server::HttpResponse AdmissionHandler::Decide(const server::HttpRequest& request,
                                              server::Blocking& blocking) {
  if (request.method != "POST") return Refusal(405, "want POST");
  const std::string_view media_type =
      Trim(request.content_type.substr(0, request.content_type.find(';')));
  if (!EqualsIgnoreCase(media_type, "application/json"))
    return Refusal(415, "content type: want application/json, found " + Escape(media_type));
  const auto review = admission::ParseReview(request.body, kinds_);
  if (!review) {
    const admission::Malformed& malformed = review.error();
    metrics_.OnMalformed();
    logger_.Warning("review could not be read",
                    {{"uid", malformed.uid.value_or("")}, {"error", malformed.error.message()}});
    if (!malformed.uid) return Refusal(400, "AdmissionReview: " + malformed.error.message());
    return Answer(
        Denial(*malformed.uid, 400, "SY004", "AdmissionReview: " + malformed.error.message()));
  }
  Permit permit(blocking);
  return Answer(gate_.Decide(*review, request.arrived, TimeoutOf(request.query), permit));
}

server::HttpResponse AdmissionHandler::Overloaded(const server::HttpRequest& request) {
  return Undecided(request, "SY005", "xzgate is overloaded: too many requests at once; retry");
}

server::HttpResponse AdmissionHandler::Undecided(const server::HttpRequest& request,
                                                 const std::string& reason_code,
                                                 const std::string& why) {
  const auto review = admission::ParseReview(request.body, kinds_);
  if (review) return Answer(gate_.Shed(*review, request.arrived, reason_code, why));
  if (!review.error().uid) return Refusal(503, why);
  return Answer(Denial(*review.error().uid, 503, reason_code, why));
}

}  // namespace xzgate::cmd
