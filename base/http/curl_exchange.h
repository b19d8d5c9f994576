#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/http/curl_context.h"
#include "base/http/response_head.h"
#include "base/http/speed_window.h"

namespace xzgate::http {

// One request and its answer on one handle; after the head it is the answer's body. Confined to one
// thread at a time. Errors are remembered: after one, every call returns it.
class CurlExchange final : public ByteSource {
 public:
  CurlExchange(std::shared_ptr<CurlTransport::Context> context, const Request& request,
               std::optional<std::string> proxy);
  ~CurlExchange() override;
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  // Sends the request and waits for the head, at most until the deadline.
  Result<void> AwaitHead();
  ResponseHead& head() { return head_; }

  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

  // Bytes that wait for Read, at most kMaxBufferedBody.
  std::size_t buffered() const { return buffer_.size() - at_; }

 private:
  friend struct CurlCallbacks;

  void Configure(const Request& request);
  void ConfigureTls();
  void ConfigureServerName();
  void ConfigureMethod(const Request& request);
  Result<void> SetHeaders(const Request& request);

  // Lets libcurl work until something happened or `latest`; fills buffer_, into_ and head_.
  void Drive(SteadyTime latest);
  void NoteEnd(CURLcode code);
  // What a person should know besides libcurl's message; mostly empty.
  std::string HintOn(CURLcode code) const;
  void Fail(ErrorCode code, std::string_view message, ErrorKind kind = ErrorKind::kOther);
  bool CheckDeadline();
  bool IsOver() const { return done_ || failure_.has_value(); }

  // What libcurl calls. Each returns what the callback of that name wants.
  std::size_t OnHeader(std::string_view line);
  std::size_t OnBody(std::string_view bytes);
  curl_socket_t OnOpenSocket(const curl_sockaddr& address);
  std::shared_ptr<CurlTransport::Context> context_;
  Url url_;
  Reach reach_;
  Deadline deadline_;
  std::string name_;  // "GET https://host/path", for messages
  std::optional<std::string> proxy_;
  std::string body_to_send_;
  std::shared_ptr<const std::atomic<bool>> cancelled_;
  using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;
  List header_list_{nullptr, curl_slist_free_all};
  List connect_to_{nullptr, curl_slist_free_all};
  std::unique_ptr<CurlHandle> handle_;
  std::array<char, CURL_ERROR_SIZE> curl_message_ = {};

  ResponseHead head_;
  std::string buffer_;  // bytes from at_ on wait for Read
  std::size_t at_ = 0;
  std::span<std::uint8_t> into_;  // what is left of the running Read's span
  bool paused_ = false;
  bool done_ = false;
  std::uint64_t received_ = 0;
  SpeedWindow speed_;
  std::optional<Error> refusal_;  // of the address guard, the last one
  std::optional<Error> failure_;
};

}  // namespace xzgate::http
