#include "webhook/server/httplib_adapter.h"

#include <httplib.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "webhook/server/response.h"

namespace xzgate::server {
namespace {

constexpr std::string_view kInternalError = "internal error";

// Members that some versions of httplib::Stream ask for and others do not know: not marked override
// for that reason.
class StreamOfAnyVersion : public httplib::Stream {
 public:
  bool is_writable() const { return true; }
  time_t duration() const { return 0; }
  bool wait_readable() const { return true; }
  bool wait_writable() const { return true; }
};

// One request in, one answer out, all in memory.
class MemoryStream final : public StreamOfAnyVersion {
 public:
  explicit MemoryStream(std::string request) : request_(std::move(request)) {}

  bool is_readable() const override { return true; }
  ssize_t read(char* into, size_t size) override {
    const std::size_t count = std::string_view(request_).substr(at_).copy(into, size);
    at_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    answer_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  const std::string& answer() const { return answer_; }

 private:
  const std::string request_;
  std::size_t at_ = 0;
  std::string answer_;
};

// The request that this thread is answering: httplib hands its own view of it to a handler, with no
// place for ours.
struct Call {
  const HttpRequest& request;
  Blocking& blocking;
};
thread_local const Call* current_call = nullptr;

// A path as a pattern that matches nothing else.
std::string ToPattern(std::string_view path) {
  std::string pattern;
  for (const char c : path) {
    if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// Reads back what httplib wrote; absent if it is no answer of known length.
std::optional<HttpResponse> ReadAnswer(std::string_view bytes) {
  static constexpr std::string_view kStart = "HTTP/1.1 ";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || !bytes.starts_with(kStart)) return std::nullopt;
  const auto status = ParseUint(bytes.substr(kStart.size(), 3));
  if (!status || *status < 200 || *status > 599) return std::nullopt;
  const std::string_view body = bytes.substr(end + 4);
  HttpResponse answer{
      .status = static_cast<int>(*status), .content_type = "", .body = std::string(body)};
  bool has_length = false;
  for (std::string_view line : Split(bytes.substr(0, end), '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = Trim(line.substr(colon + 1));
    if (value.ends_with('\r')) value.remove_suffix(1);
    if (EqualsIgnoreCase(line.substr(0, colon), "content-type")) answer.content_type = value;
    if (EqualsIgnoreCase(line.substr(0, colon), "content-length"))
      has_length = ParseUint(value) == body.size();
  }
  if (!has_length) return std::nullopt;
  return answer;
}

}  // namespace

class HttplibAdapter::Server final : public httplib::Server {
 public:
  Server(const std::vector<RoutedHandler>& handlers, log::Logger& logger) {
    for (const RoutedHandler& routed : handlers) {
      const auto run = [handler = routed.handler](const httplib::Request&, httplib::Response& out) {
        HttpResponse answer = handler->Handle(current_call->request, current_call->blocking);
        out.status = answer.status;
        out.set_content(answer.body, answer.content_type.c_str());
      };
      const std::string pattern = ToPattern(routed.route.path);
      if (routed.route.method == "POST") {
        Post(pattern, run);
      } else {
        Get(pattern, run);
      }
    }
    // httplib's own handler would send the exception's text in a header (CVE-2026-28434).
    set_exception_handler([&logger](const httplib::Request& request, httplib::Response& out,
                                    std::exception_ptr thrown) {
      LogThrown(logger, request.path, thrown);
      out.status = 500;
      out.set_content(std::string(kInternalError) + "\n", "text/plain; charset=utf-8");
    });
  }

  bool Process(httplib::Stream& stream) { return ProcessWith(*this, stream); }

  static void LogThrown(log::Logger& logger, std::string_view path,
                        const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      logger.Error("handler threw", {{"path", path}, {"what", e.what()}});
    } catch (...) {  // thrown by a library, and no std::exception: there is nothing to ask it
      logger.Error("handler threw", {{"path", path}});
    }
  }

 private:
  // process_request has four parameters up to 0.11 (Debian 12) and eight in 0.18 (Debian 13). A
  // template, so that only the call that fits is compiled.
  template <typename Self>
  static bool ProcessWith(Self& self, httplib::Stream& stream) {
    bool closed = false;
    if constexpr (requires { self.process_request(stream, false, closed, nullptr); }) {
      return self.process_request(stream, false, closed, nullptr);
    } else {
      return self.process_request(stream, "", 0, "", 0, false, closed, nullptr);
    }
  }
};

HttplibAdapter::HttplibAdapter(const std::vector<RoutedHandler>& handlers, log::Logger& logger)
    : logger_(logger), server_(std::make_unique<Server>(handlers, logger)) {}

HttplibAdapter::~HttplibAdapter() = default;

HttpResponse HttplibAdapter::Handle(const HttpRequest& request, Blocking& blocking) {
  // Never with the body: httplib would copy it, past the budget for bodies. The handler sees ours.
  MemoryStream stream(std::string(request.method) + " " + std::string(request.path) +
                      " HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  const Call call{.request = request, .blocking = blocking};
  current_call = &call;
  try {
    server_->Process(stream);
  } catch (...) {  // such as std::bad_alloc
    Server::LogThrown(logger_, request.path, std::current_exception());
  }
  current_call = nullptr;
  auto answer = ReadAnswer(stream.answer());
  return answer ? std::move(*answer) : PlainText(500, kInternalError);
}

}  // namespace xzgate::server
