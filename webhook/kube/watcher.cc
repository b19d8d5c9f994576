#include "webhook/kube/watcher.h"

#include <algorithm>
#include <utility>

#include "webhook/kube/retry.h"

namespace xzgate::kube {
namespace {

// How long a list may take in all, its pages and attempts counted.
constexpr std::chrono::minutes kLongestList{5};
// How long Stop may go unnoticed while we wait.
constexpr std::chrono::milliseconds kLongestNap{1'000};
// A stream that ends sooner than this without a word is a failure: else we would ask in a loop.
constexpr std::chrono::seconds kShortestStream{1};

// Tells a handler of each object of a list.
class Teller final : public ListReader {
 public:
  Teller(WatchHandler& handler, const std::atomic<bool>& stopped)
      : handler_(handler), stopped_(stopped) {}
  Result<void> OnObject(json::Value object) override {
    if (stopped_) return Unavailable("stopped");
    handler_.OnObject(object);
    return {};
  }
  void OnRestart() override { handler_.OnReset(); }

 private:
  WatchHandler& handler_;
  const std::atomic<bool>& stopped_;
};

// Whether the place to go on from is of no more use.
bool MustListAnew(const Error& error) {
  if (error.kind() == ErrorKind::kExpired) return true;
  // The same bytes would come again.
  return error.code() == ErrorCode::kInvalidArgument || error.code() == ErrorCode::kUnsupported ||
         (error.code() == ErrorCode::kResourceExhausted && error.kind() != ErrorKind::kRateLimited);
}

}  // namespace

Watcher::Watcher(Cluster& cluster, Listable resource, Selection selection, WatchHandler& handler,
                 const Clock& clock, http::Sleeper& sleeper, std::function<double()> random,
                 WatcherOptions options)
    : cluster_(cluster),
      resource_(std::move(resource)),
      selection_(std::move(selection)),
      handler_(handler),
      clock_(clock),
      sleeper_(sleeper),
      random_(std::move(random)),
      options_(options) {}

void Watcher::Run() {
  while (!*stopped_) {
    if (resource_version_.empty()) {
      if (auto listed = ListAll(); !listed) {
        if (*stopped_ || !WaitAfter(listed.error())) return;
        continue;
      }
    }
    const SteadyTime start = clock_.Now();
    const auto followed = Follow();
    if (*stopped_) return;
    if (!followed) {
      if (MustListAnew(followed.error())) resource_version_.clear();
      if (!WaitAfter(followed.error())) return;
    } else if (!*followed && clock_.Now() - start < kShortestStream) {
      if (!WaitAfter(Error(ErrorCode::kUnavailable,
                           "watch " + resource_.ToString() + ": the stream ended at once"))) {
        return;
      }
    } else {
      failures_ = 0;
    }
  }
}

Result<void> Watcher::ListAll() {
  handler_.OnReset();
  Teller teller(handler_, *stopped_);
  XZGATE_ASSIGN(ListEnd end, cluster_.List(resource_, selection_, teller,
                                           Deadline::After(clock_.Now(), kLongestList)));
  handler_.OnSynced();
  resource_version_ = std::move(end.resource_version);
  return {};
}

Result<bool> Watcher::Follow() {
  const auto spread = static_cast<std::chrono::seconds::rep>(
      static_cast<double>(options_.min_timeout.count()) * random_());
  XZGATE_ASSIGN(auto stream,
                cluster_.Watch(resource_, selection_,
                               {.resource_version = resource_version_,
                                .timeout = options_.min_timeout + std::chrono::seconds(spread),
                                .cancelled = stopped_}));
  bool something = false;
  while (!*stopped_) {
    XZGATE_ASSIGN(const auto change, stream->Next());
    if (!change) break;
    something = true;
    failures_ = 0;
    resource_version_ = change->resource_version;
    Tell(*change);
  }
  return something;
}

void Watcher::Tell(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kAdded:
    case Change::Kind::kModified:
      handler_.OnObject(change.object);
      break;
    case Change::Kind::kDeleted:
      handler_.OnDeleted(change.object);
      break;
    case Change::Kind::kBookmark:
      break;
  }
}

bool Watcher::WaitAfter(const Error& error) {
  const auto wait = Backoff(++failures_, options_.first_backoff, options_.max_backoff, random_());
  handler_.OnTrouble(error, wait);
  return WaitFor(wait);
}

bool Watcher::WaitFor(std::chrono::milliseconds time) {
  while (time.count() > 0 && !*stopped_) {
    const auto nap = std::min(time, kLongestNap);
    if (!sleeper_.Sleep(nap)) return false;
    time -= nap;
  }
  return !*stopped_;
}

}  // namespace xzgate::kube
