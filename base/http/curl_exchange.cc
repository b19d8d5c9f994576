#include "base/http/curl_exchange.h"

#include <algorithm>

#include "base/http/curl_failure.h"
#include "base/text.h"

namespace xzgate::http {
namespace {

// How long one poll may last: libcurl's own timers wake it earlier.
constexpr std::chrono::milliseconds kLongestPoll{1'000};

}  // namespace

CurlExchange::CurlExchange(std::shared_ptr<CurlTransport::Context> context, const Request& request,
                           std::optional<std::string> proxy)
    : context_(std::move(context)),
      url_(request.url),
      reach_(request.reach),
      deadline_(request.deadline),
      name_(std::string(ToString(request.method)) + " " + request.url.ToRedacted()),
      proxy_(std::move(proxy)),
      body_to_send_(request.body),
      cancelled_(request.cancelled),
      handle_(context_->pool.Take(url_.origin(), reach_)),
      speed_(request.min_bytes_per_second, context_->options.speed_window) {
  Configure(request);
  if (auto set = SetHeaders(request); !set) failure_ = set.error();
  curl_multi_add_handle(handle_->multi, handle_->easy);
}

CurlExchange::~CurlExchange() {
  // What is already here may be the rest of the body; then the connection can serve again.
  if (!IsOver() && !paused_ && head_.is_complete) {
    int running = 0;
    curl_multi_perform(handle_->multi, &running);
  }
  curl_multi_remove_handle(handle_->multi, handle_->easy);
  curl_easy_reset(handle_->easy);
  context_->pool.Give(std::move(handle_), url_.origin(), reach_);
}

Result<void> CurlExchange::AwaitHead() {
  std::optional<SteadyTime> sent;
  while (!head_.is_complete && !IsOver() && CheckDeadline()) {
    const SteadyTime now = context_->clock.Now();
    curl_off_t microseconds = 0;
    curl_easy_getinfo(handle_->easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    if (!sent && microseconds > 0) sent = now;
    SteadyTime latest = now + kLongestPoll;
    if (sent) {
      const SteadyTime last_moment = *sent + context_->options.head_timeout;
      if (now >= last_moment) {
        Fail(ErrorCode::kUnavailable, "no complete answer head within " +
                                          std::to_string(context_->options.head_timeout.count()) +
                                          " ms");
        break;
      }
      latest = std::min(latest, last_moment);
    }
    Drive(latest);
  }
  // What went wrong after the head is for the reader of the body.
  if (head_.is_complete) return {};
  Fail(ErrorCode::kUnavailable, "the answer has no complete head");
  return std::unexpected(*failure_);
}

Result<std::size_t> CurlExchange::Read(std::span<std::uint8_t> into) {
  if (!done_ && !CheckDeadline()) return std::unexpected(*failure_);
  const std::size_t ready = std::min(into.size(), buffered());
  std::copy_n(buffer_.data() + at_, ready, into.begin());
  at_ += ready;
  if (buffered() == 0) {
    buffer_.clear();
    at_ = 0;
  }
  into_ = into.subspan(ready);
  if (paused_ && buffered() <= kMaxBufferedBody / 2) {
    paused_ = false;
    curl_easy_pause(handle_->easy, CURLPAUSE_CONT);  // may call OnBody
  }
  while (into_.size() == into.size() && !IsOver() && CheckDeadline()) {
    const std::uint64_t before = received_;
    const SteadyTime start = context_->clock.Now();
    Drive(start + kLongestPoll);
    if (!IsOver() && speed_.IsTooSlow(received_ - before, context_->clock.Now() - start)) {
      Fail(ErrorCode::kUnavailable, "the transfer is slower than the minimum speed");
    }
  }
  const std::size_t count = into.size() - into_.size();
  into_ = {};
  if (count > 0) return count;
  if (failure_) return std::unexpected(*failure_);
  return 0;
}

void CurlExchange::Drive(SteadyTime latest) {
  const std::uint64_t before = received_;
  const bool had_head = head_.is_complete;
  int running = 0;
  const CURLMcode performed = curl_multi_perform(handle_->multi, &running);
  if (performed != CURLM_OK) {
    Fail(ErrorCode::kInternal, curl_multi_strerror(performed));
    return;
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handle_->multi, &left)) {
    if (message->msg == CURLMSG_DONE) NoteEnd(message->data.result);
  }
  if (IsOver() || received_ > before || head_.is_complete != had_head) return;
  const SteadyTime now = context_->clock.Now();
  const auto wait = deadline_.Min(Deadline::At(latest)).Remaining(now);
  curl_multi_poll(handle_->multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
}

void CurlExchange::NoteEnd(CURLcode code) {
  done_ = true;
  if (code == CURLE_OK || failure_) return;
  const std::string_view text =
      curl_message_[0] != '\0' ? curl_message_.data() : curl_easy_strerror(code);
  if (refusal_ && code == CURLE_COULDNT_CONNECT) {
    Fail(refusal_->code(), refusal_->message(), refusal_->kind());
  } else if (IsTooLarge(code) ||
             (!head_.is_complete && head_.status >= 100 && code == CURLE_OUT_OF_MEMORY)) {
    // libcurl's own limits on header lines, which never reach OnHeader: 100 KiB for one, which was
    // a lack of memory before CURLE_TOO_LARGE came, and 5,000 of them.
    Fail(ErrorCode::kResourceExhausted, "the answer's head has more than " +
                                            std::to_string(kMaxHeaderBytes) +
                                            " bytes: " + Escape(text));
  } else {
    Fail(ErrorCode::kUnavailable, Escape(text) + HintOn(code), KindOfFailure(code, text));
  }
}

std::string CurlExchange::HintOn(CURLcode code) const {
  const TrustedAuthorities& authorities = *context_->authorities;
  if (code != CURLE_PEER_FAILED_VERIFICATION || !authorities.IsSystemMissing()) return "";
  return "; the system has no authorities: no " + Quote(authorities.system_authorities().file) +
         " (package ca-certificates)";
}

void CurlExchange::Fail(ErrorCode code, std::string_view message, ErrorKind kind) {
  if (!failure_) failure_ = Error(code, name_ + ": " + std::string(message)).WithKind(kind);
}

bool CurlExchange::CheckDeadline() {
  if (context_->stopped.load(std::memory_order_relaxed)) {
    Fail(ErrorCode::kUnavailable, "xzgate is stopping");
  }
  if (cancelled_ && cancelled_->load(std::memory_order_relaxed)) {
    Fail(ErrorCode::kUnavailable, "cancelled");
  }
  if (deadline_.HasPassed(context_->clock.Now())) {
    Fail(ErrorCode::kDeadlineExceeded,
         head_.is_complete ? "out of time in the body" : "out of time before the answer's head");
  }
  return !failure_;
}

std::size_t CurlExchange::OnHeader(std::string_view line) {
  if (head_.AddLine(line)) return line.size();
  Fail(ErrorCode::kResourceExhausted,
       "the answer's head has more than " + std::to_string(kMaxHeaderBytes) + " bytes");
  return 0;
}

// While bytes wait in buffer_, into_ is empty: Read empties the buffer before it lends its span.
std::size_t CurlExchange::OnBody(std::string_view bytes) {
  if (bytes.size() > into_.size() + (kMaxBufferedBody - buffered())) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  received_ += bytes.size();
  const std::size_t direct = std::min(bytes.size(), into_.size());
  std::copy_n(bytes.begin(), direct, into_.begin());
  into_ = into_.subspan(direct);
  if (at_ > 0 && buffer_.size() + bytes.size() > kMaxBufferedBody) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_.append(bytes.substr(direct));
  return bytes.size();
}

}  // namespace xzgate::http
