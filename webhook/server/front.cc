#include "webhook/server/front.h"

#include <exception>
#include <utility>

#include "webhook/server/front_loop.h"

namespace xzgate::server {

Result<std::unique_ptr<Front>> Front::Create(const FrontConfig& config, std::vector<Route> routes,
                                             Hooks hooks, const Clock& clock, log::Logger& logger,
                                             Observer& observer) {
  XZGATE_ASSIGN(UniqueFd listening, ListenOn(config.address, config.port));
  try {  // asio has no other way to say that it got no epoll descriptor
    return std::unique_ptr<Front>(
        new Front(std::make_unique<Loop>(config, std::move(routes), std::move(hooks), clock, logger,
                                         observer, std::move(listening))));
  } catch (const std::exception& e) {
    return Internal(std::string("cannot make an event loop: ") + e.what());
  }
}

Front::Front(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Front::~Front() = default;

Result<void> Front::Start() {
  return loop_->Start();
}
void Front::Stop() {
  loop_->Stop();
}
std::uint16_t Front::port() const {
  return loop_->port();
}
std::size_t Front::connections() const {
  return loop_->connections();
}
void Front::Answer(ConnectionId id, HttpResponse response) {
  loop_->Answer(id, std::move(response));
}
void Front::Wake() {
  loop_->Wake();
}
Result<void> Front::Drain(Deadline deadline) {
  return loop_->Drain(deadline);
}

}  // namespace xzgate::server
