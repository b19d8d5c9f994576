#include "webhook/server/listener.h"

#include <algorithm>
#include <utility>

#include "webhook/server/response.h"
#include "webhook/server/tls_channel.h"

namespace xzgate::server {

HttpResponse SheddingHandler::Overloaded(const HttpRequest&) {
  return PlainText(503, "too many requests");
}

struct Listener::Parts {
  Parts(const ListenerConfig& c, std::vector<RoutedHandler> h, const Clock& k, log::Logger& logger,
        Observer& o)
      : config(c), handlers(std::move(h)), clock(k), observer(o), adapter(handlers, logger) {}

  void Dispatch(Front::ConnectionId id, FramedRequest request);
  HttpResponse Shed(const HttpRequest& request, ShedReason reason);

  const ListenerConfig config;
  const std::vector<RoutedHandler> handlers;
  const Clock& clock;
  Observer& observer;
  HttplibAdapter adapter;
  // Destroyed last to first: the workers end while there is still a front to answer to, and after
  // it stopped giving them work.
  std::unique_ptr<Front> front;
  std::unique_ptr<WorkerPool> workers;
};

// A request on its way through the workers.
class Listener::Call final : public WorkerPool::Job {
 public:
  Call(Parts& parts, Front::ConnectionId id, FramedRequest request)
      : parts_(parts), id_(id), request_(std::move(request)), arrived_(parts.clock.Now()) {}

  void Run(Blocking& blocking) override {
    const bool is_late = parts_.clock.Now() - arrived_ > parts_.config.max_queue_time;
    parts_.front->Answer(id_, is_late ? parts_.Shed(View(), ShedReason::kQueueTime)
                                      : parts_.adapter.Handle(View(), blocking));
  }

  HttpRequest View() const {
    const RequestHead& head = request_.head;
    return {.method = head.route->method,
            .path = head.route->path,
            .query = head.query,
            .content_type = head.content_type,
            .body = request_.body,
            .arrived = arrived_};
  }

 private:
  Parts& parts_;
  const Front::ConnectionId id_;
  const FramedRequest request_;
  const SteadyTime arrived_;
};

void Listener::Parts::Dispatch(Front::ConnectionId id, FramedRequest request) {
  auto call = std::make_unique<Call>(*this, id, std::move(request));
  const Call& kept = *call;
  std::unique_ptr<WorkerPool::Job> job = std::move(call);
  if (!workers->TrySubmit(job)) front->Answer(id, Shed(kept.View(), ShedReason::kQueueFull));
}

HttpResponse Listener::Parts::Shed(const HttpRequest& request, ShedReason reason) {
  observer.OnShed(reason);
  const auto routed =
      std::find_if(handlers.begin(), handlers.end(), [&](const RoutedHandler& each) {
        return each.route.method == request.method && each.route.path == request.path;
      });
  auto* sheds = dynamic_cast<SheddingHandler*>(routed->handler);
  return sheds != nullptr ? sheds->Overloaded(request) : PlainText(503, "too many requests");
}

Result<std::unique_ptr<Listener>> Listener::Create(const ListenerConfig& config,
                                                   std::vector<RoutedHandler> handlers,
                                                   CertificateSource& certificates,
                                                   const Clock& clock, log::Logger& logger,
                                                   Observer& observer) {
  std::vector<Route> routes;
  for (const RoutedHandler& routed : handlers) routes.push_back(routed.route);
  auto parts = std::make_unique<Parts>(config, std::move(handlers), clock, logger, observer);
  Front::Hooks hooks{.open =
                         [&certificates](int fd) {
                           return std::make_unique<TlsChannel>(
                               fd, [&certificates] { return certificates.Current(); });
                         },
                     .dispatch =
                         [raw = parts.get()](Front::ConnectionId id, FramedRequest request) {
                           raw->Dispatch(id, std::move(request));
                         },
                     .tick = [&certificates] { certificates.Refresh(); }};
  XZGATE_ASSIGN(parts->front, Front::Create(config.front, std::move(routes), std::move(hooks),
                                            clock, logger, observer));
  XZGATE_ASSIGN(parts->workers, WorkerPool::Create(config.workers));
  certificates.Refresh();
  return std::unique_ptr<Listener>(new Listener(std::move(parts)));
}

Listener::Listener(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Listener::~Listener() {
  parts_->front->Stop();
}

Result<void> Listener::Start() {
  return parts_->front->Start();
}
std::uint16_t Listener::port() const {
  return parts_->front->port();
}
std::size_t Listener::connections() const {
  return parts_->front->connections();
}
WorkerPool::Load Listener::load() const {
  return parts_->workers->load();
}
void Listener::Wake() {
  parts_->front->Wake();
}
Result<void> Listener::Drain(Deadline deadline) {
  return parts_->front->Drain(deadline);
}

}  // namespace xzgate::server
