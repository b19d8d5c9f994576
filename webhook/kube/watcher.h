#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/http/sleeper.h"
#include "webhook/kube/cluster.h"

namespace xzgate::kube {

// Is told what a Watcher sees, by the thread that runs it.
class WatchHandler {
 public:
  virtual ~WatchHandler() = default;
  // A list begins: what is not told until OnSynced is there no more.
  virtual void OnReset() = 0;
  // Listed, added or modified.
  virtual void OnObject(const json::Value& object) = 0;
  virtual void OnDeleted(const json::Value& object) = 0;
  // The list was told as a whole.
  virtual void OnSynced() = 0;
  // A list or stream failed and is tried again after `wait`; nothing is lost.
  virtual void OnTrouble(const Error& error, std::chrono::milliseconds wait) = 0;
};

struct WatcherOptions {
  // client-go asks for 5 to 10 minutes, drawn by lot so that not all come back at once.
  std::chrono::seconds min_timeout{300};
  std::chrono::milliseconds first_backoff{500};
  std::chrono::milliseconds max_backoff{30'000};
};

// Lists a selection and then follows its changes for ever: resumes where a stream ended or broke
// off, by bookmarks too; lists anew when the API server forgot that place (410 Gone) or sent
// something that we cannot read; waits longer, by lot, after each failure. Thread-safe: Run is
// called once, Stop from any thread. All it is given must outlive it.
class Watcher {
 public:
  Watcher(Cluster& cluster, Listable resource, Selection selection, WatchHandler& handler,
          const Clock& clock, http::Sleeper& sleeper, std::function<double()> random,
          WatcherOptions options = {});

  // Returns after Stop, or when the sleeper was stopped.
  void Run();
  // Makes Run return within about a second.
  void Stop() { *stopped_ = true; }

 private:
  Result<void> ListAll();
  // One stream to its end. Whether anything came.
  Result<bool> Follow();
  void Tell(const Change& change);
  // False to stop.
  bool WaitAfter(const Error& error);
  bool WaitFor(std::chrono::milliseconds time);

  Cluster& cluster_;
  const Listable resource_;
  const Selection selection_;
  WatchHandler& handler_;
  const Clock& clock_;
  http::Sleeper& sleeper_;
  const std::function<double()> random_;
  const WatcherOptions options_;
  const std::shared_ptr<std::atomic<bool>> stopped_ = std::make_shared<std::atomic<bool>>(false);
  // Of the thread that runs.
  std::string resource_version_;  // "": list first
  int failures_ = 0;              // since something came
};

}  // namespace xzgate::kube
